export {
  decideOn,
  Model,
  picture,
  recompute,
  type Answer,
  type Observed,
  type Recomputed,
  type WalletPicture,
} from './model.js';
export type { Plain, PlainCatalog, PlainCommand, PlainPlan } from './plain.js';
export { inBurnOrder, paysAt } from './burn.js';
export { debitParts } from './reversals.js';
export { periodsToCome } from './settlement.js';
export { isPaidWithCredits } from './usage.js';
export { activeAt, emptyWorld, remainder, termsAt, type Moment, type World } from './world.js';
