import { loaderOptions } from './loader-options.js';
import { messageType } from './message-types.js';

/**
 * A reader of messages of the public contract, which gives what proto-loader would deliver.
 * @param name `purser.v1.RecordUsageStreamRequest`
 */
export function messageReader(name: string): (bytes: Uint8Array) => object {
  const type = messageType(name);
  return (bytes) => type.toObject(type.decode(bytes), loaderOptions);
}
