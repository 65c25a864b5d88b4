import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './log.js';

/** Which records a read lets pass. */
export function filterOf(options: ReadReq.Options): (record: LogRecord) => boolean {
  const expression = options.getFilter()?.getStreamIdentifier();
  if (!expression) return () => true;
  if (expression.getRegex()) {
    const regex = new RegExp(expression.getRegex());
    return ({ stream }) => regex.test(stream);
  }
  const prefixes = expression.getPrefixList();
  return ({ stream }) => prefixes.some((prefix) => beginsWith(stream, prefix));
}

/** As a language sees it (.NET's `StartsWith` without `Ordinal`): an accent is part of the letter before it. */
function beginsWith(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && !/^\p{M}/u.test(text.slice(prefix.length));
}
