import { FolderStore } from "../store/artefact-store.js";
import { FileCheckpoints } from "../store/checkpoints.js";
import { StoreLayout } from "../store/layout.js";
import { SystemProcesses } from "../store/process-identity.js";
import { nodeStoreFs } from "../store/store-fs.js";

/** What a worker needs of the runtime: the store that its task names, and nothing of the run around it. */
export function workerServices(kdpFolder: string) {
  const layout = new StoreLayout(kdpFolder);
  return {
    store: new FolderStore(layout, nodeStoreFs, new SystemProcesses()),
    checkpoints: (key: string) => new FileCheckpoints(layout, nodeStoreFs, key),
  };
}
