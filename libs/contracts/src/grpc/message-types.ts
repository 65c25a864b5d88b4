import protobuf from 'protobufjs';
import { protoDirectory, protoFiles } from './proto-files.js';

let contract: protobuf.Root | undefined;

/** A message of the public contract as its proto file describes it: `purser.v1.RecordUsageRequest`. */
export function messageType(name: string): protobuf.Type {
  return loaded().lookupType(name);
}

/** What a call is asked with: of `purser.v1.LedgerService` and `RecordUsage`. */
export function requestType(service: string, method: string): protobuf.Type {
  return typeOf(service, method, 'resolvedRequestType');
}

/** What it is answered with. */
export function responseType(service: string, method: string): protobuf.Type {
  return typeOf(service, method, 'resolvedResponseType');
}

function typeOf(
  service: string,
  method: string,
  which: 'resolvedRequestType' | 'resolvedResponseType',
): protobuf.Type {
  const type = loaded().lookupService(service).methods[method]?.[which];
  if (!type) throw new Error(`${service} has no ${method}`);
  return type;
}

function loaded(): protobuf.Root {
  contract ??= load();
  return contract;
}

function load(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) =>
    // What Google's own files say is known to the library.
    target.startsWith('google/') || target.startsWith('/') ? target : `${protoDirectory()}/${target}`;
  root.loadSync(protoFiles());
  root.resolveAll();
  return root;
}
