/** One thing that is wrong with the environment. The reason never holds a secret's value. */
export interface ConfigProblem {
  /** The variable to change. */
  readonly name: string
  readonly reason: string
}

/** Exit code for a wrong environment: EX_CONFIG of sysexits. */
export const EXIT_CONFIG = 78

/** The environment cannot be used. Holds all that is wrong, so that one start shows it all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => `${problem.name}: ${problem.reason}`).join('\n'))
    this.problems = problems
  }
}
