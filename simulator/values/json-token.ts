/** A JSON value in the words of Salesforce's parser: `VALUE_STRING value abc`. */
export function jsonToken(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY value ['
  switch (typeof value) {
    case 'string':
      return `VALUE_STRING value ${value}`
    case 'number':
      return `VALUE_NUMBER_${Number.isInteger(value) ? 'INT' : 'FLOAT'} value ${value}`
    case 'boolean':
      return `VALUE_${String(value).toUpperCase()} value ${value}`
    default:
      return value === null ? 'VALUE_NULL value null' : 'START_OBJECT value {'
  }
}
