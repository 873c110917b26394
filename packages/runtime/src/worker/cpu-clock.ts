/**
 * Starts to count what this process uses of the processors: user and system time of all its threads.
 * @returns the seconds used since
 */
export function cpuClock(): () => number {
  const started = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  };
}
