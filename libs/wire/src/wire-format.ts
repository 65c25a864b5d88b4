/** Of a byte of a number: the bits that carry it, how many values they have, and the bit that says that more follow. */
export const PAYLOAD = 0x7f;
export const PAYLOAD_RANGE = 128;
export const MORE = 0x80;

/** How the value of a field stands there: a number, or its length and then its bytes. */
export const VARINT = 0;
export const DELIMITED = 2;

/** What stands before the value of a field: its number in the schema, and how its value stands there. */
export const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;

/** The tag of a field whose value is a number. */
export const numberField = (field: number): number => tagOf(field, VARINT);

/** The tag of a field whose value is a text, bytes, or a message. */
export const bytesField = (field: number): number => tagOf(field, DELIMITED);

/** The fields of an entry of a map. */
export const MAP_ENTRY = { key: 1, value: 2 };
