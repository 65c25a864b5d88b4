import type { Amount } from '../amount/index.js';

/**
 * What one tier charges for the units it is given (its share):
 * - `perUnit` share × unitPrice
 * - `perPackage` ceil(share ÷ packageSize) × packagePrice
 * - `flat` flatPrice, whatever the share, if it is positive
 * - `percentage` share × percent ÷ 100
 */
export type PriceModel =
  | { readonly model: 'perUnit'; readonly unitPrice: Amount }
  | { readonly model: 'perPackage'; readonly packageSize: Amount; readonly packagePrice: Amount }
  | { readonly model: 'flat'; readonly flatPrice: Amount }
  | { readonly model: 'percentage'; readonly percent: Amount };

export interface TierBounds {
  /**
   * The first tier's is 0; a later one's is the previous `lastUnit`, or one more where units are counted whole
   * (0–1000, 1001–5000). Either way the tier covers (previous lastUnit, lastUnit].
   */
  readonly firstUnit: Amount;
  /** Inclusive. Null in the last tier, and only there: it is open-ended. */
  readonly lastUnit: Amount | null;
}

export type PriceTier = PriceModel &
  TierBounds & {
    /** Charged once beside the model when the tier's share is positive. */
    readonly flatFee: Amount | null;
  };

/**
 * A price for a quantity, tier by tier. `graduated`: each tier prices its own share of the quantity and the sum
 * is due; `volume`: the tier into which the whole quantity falls prices all of it.
 */
export interface PriceSchedule {
  readonly kind: 'graduated' | 'volume';
  /** ISO 4217 code; decides how many decimals a price is rounded to. */
  readonly currency: string;
  /** Added to the subtotal. Null: no tax. */
  readonly taxPercent: Amount | null;
  readonly tiers: readonly PriceTier[];
}

/** A schedule as somebody writes it: what is left out means none. */
export interface PriceScheduleDraft {
  readonly kind: 'graduated' | 'volume';
  readonly currency: string;
  readonly taxPercent?: Amount | null | undefined;
  readonly tiers: readonly PriceTierDraft[];
}

export type PriceTierDraft = PriceModel & {
  readonly firstUnit: Amount;
  readonly lastUnit?: Amount | null | undefined;
  readonly flatFee?: Amount | null | undefined;
};

/** The draft with everything spelled out, and nothing that a schedule does not know. */
export function completeSchedule(draft: PriceScheduleDraft): PriceSchedule {
  return {
    kind: draft.kind,
    currency: draft.currency,
    taxPercent: draft.taxPercent ?? null,
    tiers: draft.tiers.map((tier) => ({
      firstUnit: tier.firstUnit,
      lastUnit: tier.lastUnit ?? null,
      ...modelOf(tier),
      flatFee: tier.flatFee ?? null,
    })),
  };
}

function modelOf(tier: PriceModel): PriceModel {
  switch (tier.model) {
    case 'perUnit':
      return { model: 'perUnit', unitPrice: tier.unitPrice };
    case 'perPackage':
      return { model: 'perPackage', packageSize: tier.packageSize, packagePrice: tier.packagePrice };
    case 'flat':
      return { model: 'flat', flatPrice: tier.flatPrice };
    case 'percentage':
      return { model: 'percentage', percent: tier.percent };
  }
}
