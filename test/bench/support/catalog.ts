import type { rpc } from '#contracts';

/** What the usage of the benches is priced in; enough credits that none runs out. */
export const CREDIT_SYSTEM = 'ai-tokens';
export const PLAN = 'bench';
export const ALLOWANCE = '900000000000';

/** Feature and credits per unit. */
export const FEATURES = [
  { feature: 'chat-completion', creditCost: '0.002' },
  { feature: 'embedding', creditCost: '0.0001' },
  { feature: 'image-generation', creditCost: '12.5' },
  { feature: 'transcription', creditCost: '0.75' },
] as const;

export const PLAN_TERMS: rpc.PlanTerms = {
  name: 'Bench',
  timeZone: 'Europe/Berlin',
  credits: [
    {
      creditSystem: CREDIT_SYSTEM,
      included: {
        allowance: ALLOWANCE,
        resetInterval: { unit: 'MONTH', count: 1 },
        rollover: null,
        priority: undefined,
      },
      priced: null,
      onEmpty: 'BLOCK',
      lowCreditLimit: null,
      mandatoryPurchase: false,
      expiresAfter: '',
      minQuantity: '',
      maxQuantity: '',
    },
  ],
  features: FEATURES.map((feature) => ({ ...feature, creditSystem: CREDIT_SYSTEM, prepaid: undefined })),
};
