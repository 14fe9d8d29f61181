import { z } from 'zod'

/** What is written about a variable; `.env.example` is made of it. */
export interface VariableFacts {
  /** What the variable decides, in one or two sentences. */
  readonly meaning: string
  /** Unit of a number, such as seconds. */
  readonly unit?: string
  /** What holds where the variable is not set, in words or as a value. */
  readonly default: string
  /** A value that the schema takes. Of a secret it is a placeholder. */
  readonly example: string
  /** The value never appears in a message or a log line. */
  readonly secret?: boolean
}

/** Facts of each variable, by its schema. */
const facts = z.registry<VariableFacts>()

/** Ties what is written about a variable to the schema that reads it. */
export function variable<S extends z.ZodType>(schema: S, written: VariableFacts): S {
  facts.add(schema, written)
  return schema
}

/** @throws Error for a schema that was not made by `variable`: a variable nobody could learn of. */
export function factsOf(name: string, schema: z.ZodType): VariableFacts {
  const written = facts.get(schema)
  if (written === undefined) throw new Error(`Nothing is written about ${name}.`)
  return written
}
