import type { DescribeOptions } from "@kdp/plugin-api/testing";

/** Their latent sample is drawn anew at each step. */
const variational = { params: { hidden: [12, 4] }, slopes: false };

/** What the conformance kit should know of the standard library, on whatever back-end it is checked. */
export const conformanceNotes: Pick<DescribeOptions, "losses" | "models"> = {
  losses: {
    de: { params: { experts: 4 } },
    // From the first epoch, so that there is something to check.
    bd: { params: { warm_up: 0 } },
    ftd: { zeroWhenEqual: true },
    // The released code's prototypes carry no gradient, though the value depends on them.
    htd: { params: { groups: 4 }, slopes: false },
  },
  models: { multi_vae: variational, item_ae: variational },
};
