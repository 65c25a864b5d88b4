/** Of a byte of a number: the bits that carry it, how many values they have, and the bit that says that more follow. */
export const PAYLOAD = 0x7f;
export const PAYLOAD_RANGE = 128;
export const MORE = 0x80;

/** The tag of a field whose value is a number. */
export const numberField = (field: number): number => field << 3;

/** The tag of a field whose value is a text, bytes, or a message. */
export const bytesField = (field: number): number => (field << 3) | 2;

/** Fields of the messages that are the same in both directions, as shared.proto numbers them, and of a map's entry. */
export const UUID = { text: bytesField(2) };
export const STREAM_IDENTIFIER = { name: bytesField(3) };
export const MAP_ENTRY = { key: bytesField(1), value: bytesField(2) };
