export { isCurrency, minorDigits } from './currency.js';
export { quote, type Quote, type QuoteLine } from './quote.js';
export {
  completeSchedule,
  type PriceModel,
  type PriceSchedule,
  type PriceScheduleDraft,
  type PriceTier,
  type PriceTierDraft,
  type TierBounds,
} from './schedule.js';
export { scheduleFaults } from './schedule-faults.js';
