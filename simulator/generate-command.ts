import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { generateOrg } from './seed/generate-org.ts'
import { DEMO_SIZE, type SeedSize } from './seed/seed-size.ts'
import { dayOf } from './seed/working-calendar.ts'

const count = z.coerce.number().int().min(0).max(10_000_000)
const atLeastOne = count.min(1)

const sizeSchema = z.object({
  sellers: atLeastOne.default(DEMO_SIZE.sellers),
  accounts: atLeastOne.default(DEMO_SIZE.accounts),
  contacts: count.default(DEMO_SIZE.contacts),
  opportunities: count.default(DEMO_SIZE.opportunities),
  leads: count.default(DEMO_SIZE.leads),
  cases: count.default(DEMO_SIZE.cases),
  tasks: count.default(DEMO_SIZE.tasks),
  events: count.default(DEMO_SIZE.events),
  campaigns: count.default(DEMO_SIZE.campaigns),
})

const argumentsSchema = sizeSchema.extend({
  database: z.string('must name the file of the new org'),
  day: z.iso.date().default(() => dayOf(Date.now())),
  seed: z.coerce.number().int().min(0).default(1),
})

const SIZES = Object.keys(sizeSchema.shape)

export const GENERATE_USAGE = `npm run simulator -- generate --database <file> [--day YYYY-MM-DD] [--seed <n>]
    [${SIZES.map((name) => `--${name} <n>`).join('] [')}]

Makes the file of a new org with two years of records up to a day. What is not named is as in the demo.`

/** `generate`: makes the file of a large org, and says what is in it. Gives the exit code. */
export async function generateCommand(
  args: readonly string[],
  say: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  const read = readArguments(args)
  if (typeof read === 'string') {
    for (const line of [read, '', GENERATE_USAGE]) complain(line)
    return 2
  }
  const { database, day, seed, ...size } = read
  if (existsSync(database)) {
    complain(`${database} is there already: name a file that is not, or delete it first.`)
    return 2
  }
  const began = performance.now()
  const counts = await generateOrg({ database, day, seed, size: size satisfies SeedSize })
  const seconds = (performance.now() - began) / 1_000
  let total = 0
  for (const [object, made] of counts) {
    total += made
    say(`${String(made).padStart(9)} ${object}`)
  }
  say(`${String(total).padStart(9)} records in ${database}, in ${seconds.toFixed(1)} s`)
  return 0
}

/** The arguments, or what is wrong with them. */
function readArguments(args: readonly string[]): z.infer<typeof argumentsSchema> | string {
  const names = Object.keys(argumentsSchema.shape)
  try {
    const { values } = parseArgs({
      args: [...args],
      options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    })
    const parsed = argumentsSchema.safeParse(values)
    if (parsed.success) return parsed.data
    return parsed.error.issues
      .map((issue) => `--${issue.path.join('.')}: ${issue.message}`)
      .join('\n')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
