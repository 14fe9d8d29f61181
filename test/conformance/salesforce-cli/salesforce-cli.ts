import { join } from 'node:path'
import { z } from 'zod'
import { type CommandResult, runCommand } from '../run-command.ts'

const COMMAND_LIMIT_MS = 120_000
/** Alias under which the org is known to the CLI. */
export const ORG_ALIAS = 'simulated'

const answer = z.looseObject({
  status: z.number(),
  result: z.unknown().optional(),
  name: z.string().optional(),
  message: z.string().optional(),
  data: z.unknown().optional(),
})

/** A command that ended with an error, as `--json` tells it. */
export interface CliFailure {
  readonly name: string
  readonly message: string
  /** What the command adds, such as the id of its job. */
  readonly data: unknown
}

/** The Salesforce CLI with a home of its own. */
export interface SalesforceCli {
  /** Where commands run, so where they look for files and leave theirs. */
  readonly folder: string
  /** Runs a command as a person sees it. Rejects when its exit code is not 0. */
  text(args: readonly string[]): Promise<string>
  /** Runs a command with `--json` and gives its result. Rejects when it failed. */
  json<T>(schema: z.ZodType<T>, args: readonly string[]): Promise<T>
  /** Runs a command that has to fail. Rejects when it does not. */
  failure(args: readonly string[]): Promise<CliFailure>
}

/** Wraps an installed CLI. The folder gets its home: nothing of the user's own CLI is read or changed. */
export function createSalesforceCli(
  installed: string,
  folder: string,
  accessToken: string,
): SalesforceCli {
  const environment = {
    HOME: folder,
    USERPROFILE: folder,
    XDG_CONFIG_HOME: join(folder, '.config'),
    XDG_CACHE_HOME: join(folder, '.cache'),
    XDG_DATA_HOME: join(folder, '.local', 'share'),
    SF_ACCESS_TOKEN: accessToken,
    SF_DISABLE_TELEMETRY: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_DISABLE_LOG_FILE: 'true',
    FORCE_COLOR: '0',
    NODE_OPTIONS: '--no-deprecation',
  }

  function run(args: readonly string[]): Promise<CommandResult> {
    return runCommand(process.execPath, [join(installed, 'bin', 'run.js'), ...args], {
      folder,
      environment,
      limitMs: COMMAND_LIMIT_MS,
    })
  }

  async function answerTo(args: readonly string[]): Promise<z.infer<typeof answer>> {
    const { output, errors } = await run([...args, '--json'])
    try {
      return answer.parse(JSON.parse(output === '' ? errors : output))
    } catch (error) {
      throw new Error(`sf ${args.join(' ')} gave no JSON answer:\n${output}\n${errors}`, {
        cause: error,
      })
    }
  }

  return {
    folder,
    async text(args) {
      const { code, output, errors } = await run(args)
      if (code === 0) return output
      throw new Error(`sf ${args.join(' ')} ended with ${code}:\n${output}\n${errors}`)
    },
    async json(schema, args) {
      const { status, result, name, message } = await answerTo(args)
      if (status !== 0) throw new Error(`sf ${args.join(' ')}: ${name}: ${message}`)
      return schema.parse(result)
    },
    async failure(args) {
      const { status, name, message, data } = await answerTo(args)
      if (status === 0) throw new Error(`sf ${args.join(' ')} was to fail, and did not`)
      return { name: name ?? '', message: message ?? '', data }
    },
  }
}
