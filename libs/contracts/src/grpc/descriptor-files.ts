import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WireReader } from '#wire';
import { protoDirectory } from './proto-files.js';

/** `file` of a `google.protobuf.FileDescriptorSet`: field 1, with a length. */
const FILE = 0x0a;

/**
 * Every .proto file a client can ask about, each as the bytes of its `FileDescriptorProto`: `purser.v1`, what it imports,
 * `google.rpc` as far as refusals carry it, and `grpc.health.v1`. Generated, because proto-loader's own descriptors leave out imports and rename fields.
 */
export function descriptorFiles(): Buffer[] {
  const set = readFileSync(join(protoDirectory(), 'descriptors.binpb'));
  const reader = new WireReader(set);
  const files: Buffer[] = [];
  while (reader.at < set.length) {
    const tag = reader.uint();
    if (tag !== FILE) throw new Error(`descriptors.binpb: field ${tag} where a file is expected`);
    files.push(reader.content());
  }
  return files;
}
