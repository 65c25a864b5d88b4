import type { Options } from '@grpc/proto-loader';
import { protoDirectory } from './proto-files.js';

/**
 * How proto-loader delivers messages, on the server and in every client of ours. The generated types are made
 * for exactly this (scripts/generate.mjs): names in camelCase, enum values by name, 64-bit integers as numbers
 * (revisions stay far below 2^53), scalars, lists and maps always there, messages that are not set as null,
 * and `optional` scalars that are not set left out.
 */
export const loaderOptions = {
  keepCase: false,
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
  includeDirs: [protoDirectory()],
} as const satisfies Options;
