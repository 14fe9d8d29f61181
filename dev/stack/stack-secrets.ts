import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { unlessMissing } from './error-code.ts'
import { StackProblem } from './stack-problem.ts'

const secretSchema = z.string().min(32)
const stackSecretsSchema = z.object({
  /** Of the role `conveyor` in the embedded Postgres. */
  postgresPassword: secretSchema,
  /** What webhooks are signed with. */
  webhookSecret: secretSchema,
  /** What tokens and staged rows are sealed with: without it they cannot be read again. */
  encryptionKey: secretSchema,
  /** How Conveyor signs in to the simulator. */
  simulatorClientSecret: secretSchema,
})
export type StackSecrets = z.infer<typeof stackSecretsSchema>

export interface LoadedSecrets {
  secrets: StackSecrets
  /** Whether they were made up just now and should be shown. */
  isNew: boolean
}

/**
 * Reads the secrets of a state folder, or makes them up and keeps them readable by this user only.
 * @throws StackProblem where the file is damaged: new secrets would lock its data away.
 */
export async function loadStackSecrets(file: string): Promise<LoadedSecrets> {
  const text = await unlessMissing(readFile(file, 'utf8'))
  if (text !== undefined) return { secrets: parse(file, text), isNew: false }
  const make = () => randomBytes(32).toString('base64url')
  const secrets = {
    postgresPassword: make(),
    webhookSecret: make(),
    encryptionKey: make(),
    simulatorClientSecret: make(),
  }
  // A start that is killed here must not leave half a file.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return { secrets, isNew: true }
}

function parse(file: string, text: string): StackSecrets {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw damaged(file, 'it is no JSON', error)
  }
  const parsed = stackSecretsSchema.safeParse(content)
  if (parsed.success) return parsed.data
  // Names and reasons only: values are secret.
  const names = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole')
  throw damaged(file, `${names.join(', ')} is missing or too short`, parsed.error)
}

function damaged(file: string, why: string, cause: unknown): StackProblem {
  return new StackProblem(
    `The secrets in ${file} cannot be read: ${why}.`,
    'Restore the file from a copy. Without it the data beside it cannot be read: then move the whole state folder away to begin anew.',
    { cause },
  )
}
