export {
  decideOn,
  picture,
  recompute,
  type Answer,
  type Observed,
  type Recomputed,
  type WalletPicture,
} from './model.js';
export type { Plain, PlainCatalog, PlainCommand, PlainPlan } from './plain.js';
export { isPaidWithCredits } from './usage.js';
export { emptyWorld, type World } from './world.js';
