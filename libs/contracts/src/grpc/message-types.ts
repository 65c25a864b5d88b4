import protobuf from 'protobufjs';
import { protoDirectory, protoFiles } from './proto-files.js';

let contract: protobuf.Root | undefined;

/** A message of the public contract as its proto file describes it: `purser.v1.RecordUsageRequest`. */
export function messageType(name: string): protobuf.Type {
  return loaded().lookupType(name);
}

/** What a call is answered with: of `purser.v1.LedgerService` and `RecordUsage`. */
export function responseType(service: string, method: string): protobuf.Type {
  const type = loaded().lookupService(service).methods[method]?.resolvedResponseType;
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
