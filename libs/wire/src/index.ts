export { bytesField, DELIMITED, MAP_ENTRY, numberField, tagOf, VARINT } from './wire-format.js';
export { Unfamiliar, WireReader } from './wire-reader.js';
export { WireWriter } from './wire-writer.js';
