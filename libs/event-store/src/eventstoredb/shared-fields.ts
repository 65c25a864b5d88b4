import { bytesField, MAP_ENTRY } from '#wire';

/** Fields of the messages that are the same in both directions, as shared.proto numbers them. */
export const UUID = { text: bytesField(2) };
export const STREAM_IDENTIFIER = { name: bytesField(3) };

/** A property of an event stands in a map of texts. */
export const PROPERTY = { key: bytesField(MAP_ENTRY.key), value: bytesField(MAP_ENTRY.value) };
