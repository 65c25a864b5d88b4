import ListOffsets from 'kafkajs/src/protocol/requests/listOffsets/index.js';

/** The first in which one may say it. */
const FIRST_WITH_ISOLATION = 2;
const READ_UNCOMMITTED = 0;

/**
 * kafkajs 2.2.4 has its administration ask for the end of what is committed, and has no option for it. Where a
 * transaction is open, messages stand behind that end, and who takes it for the high watermark takes them for
 * consumed. Consumers say what they want; nobody else asks.
 */
export function replaceOffsetListing(): void {
  const protocol = ListOffsets.protocol;
  if (typeof protocol !== 'function') {
    throw new Error('This kafkajs has no protocol of listing offsets: it was written for kafkajs 2.2.4.');
  }
  ListOffsets.protocol = ({ version }) => {
    const make = protocol({ version });
    if (version < FIRST_WITH_ISOLATION) return make;
    return (args) => make({ ...args, isolationLevel: args.isolationLevel ?? READ_UNCOMMITTED });
  };
}
