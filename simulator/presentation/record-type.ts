/** The record type that every object has without any being defined; the same id in every org. */
export const MASTER_RECORD_TYPE = '012000000000000AAA'
