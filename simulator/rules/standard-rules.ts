import type { ObjectRules, RuleBook } from './object-rules.ts'

const NONE: readonly ObjectRules[] = []

const RULES: Readonly<Record<string, readonly ObjectRules[]>> = {}

/** The rules that every org keeps. */
export const standardRules: RuleBook = (object) => RULES[object.name] ?? NONE
