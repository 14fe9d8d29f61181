import { createRandom, type Random, seedOf } from '../seeded-random.ts'
import type { CallAction } from './call-action.ts'
import {
  type FaultRequest,
  isCallAction,
  isEffect,
  isPushAction,
  type JobEffect,
  placeOf,
} from './fault.ts'
import type { PushAction } from './push-action.ts'

/** A fault that is set, with how often it may still strike. */
export interface Fault extends FaultRequest {
  readonly id: string
  readonly left: number | 'always'
  /** Calls that matched, struck or not. */
  readonly matched: number
  readonly struck: number
}

/** What is known of a call when faults are looked for. */
export interface FaultCall {
  readonly call: string
  readonly method: string
  readonly path: string
  readonly object?: string | undefined
  readonly operation?: string | undefined
  /** The number of a push subscription. */
  readonly subscription?: number | undefined
}

export interface FaultBook {
  add(request: FaultRequest): Fault
  list(): readonly Fault[]
  /** Whether there was such a fault. */
  remove(id: string): boolean
  clear(): void
  /** Lets chance begin anew, as in an org that had this seed from the first. */
  reseed(seed: number): void
  /** Actions that strike this call; each is counted as used. */
  takeForCall(call: FaultCall): CallAction[]
  /** Effects that a job takes with it when it is closed. */
  takeForJob(call: FaultCall): JobEffect[]
  /** Actions that strike a push, which has a name and an address as a call has. */
  takeForPush(push: FaultCall): PushAction[]
}

/** `nextId` must not repeat over restarts: what a row already suffered is stored under it. */
export function createFaultBook(firstSeed: number, nextId: () => string): FaultBook {
  const faults = new Map<string, Fault>()
  /** Each fault draws for itself: what strikes other calls, and when, does not change its luck. */
  const chances = new Map<string, Random>()
  let seed = firstSeed
  let added = 0

  function reseed(next: number): void {
    seed = next
    added = 0
    for (const id of faults.keys()) giveChance(id)
  }

  function giveChance(id: string): void {
    added += 1
    chances.set(id, createRandom(seedOf(`${seed} ${added}`)))
  }

  function take(call: FaultCall, place: ReturnType<typeof placeOf>): Fault[] {
    const taken: Fault[] = []
    for (const fault of faults.values()) {
      if (placeOf(fault.action) !== place || !matches(fault, call)) continue
      const matched = fault.matched + 1
      faults.set(fault.id, { ...fault, matched })
      const turn = matched - fault.after
      if (turn <= 0 || turn % fault.everyKth !== 0) continue
      const chance = chances.get(fault.id)
      if (fault.probability < 1 && chance !== undefined && chance() >= fault.probability) continue
      const left = fault.left === 'always' ? 'always' : fault.left - 1
      taken.push(fault)
      faults.set(fault.id, { ...fault, matched, left, struck: fault.struck + 1 })
    }
    return taken
  }

  return {
    add(request) {
      const fault = { ...request, id: nextId(), left: request.times, matched: 0, struck: 0 }
      faults.set(fault.id, fault)
      giveChance(fault.id)
      return fault
    },
    list: () => [...faults.values()],
    remove(id) {
      chances.delete(id)
      return faults.delete(id)
    },
    clear() {
      faults.clear()
      chances.clear()
      added = 0
    },
    reseed,
    takeForCall: (call) =>
      take(call, 'call')
        .map((fault) => fault.action)
        .filter(isCallAction),
    takeForJob(call) {
      const effects: JobEffect[] = []
      for (const { id, action } of take(call, 'job')) {
        if (isEffect(action)) effects.push({ ...action, fault: id })
      }
      return effects
    },
    takeForPush: (push) =>
      take(push, 'push')
        .map((fault) => fault.action)
        .filter(isPushAction),
  }
}

function matches(fault: Fault, call: FaultCall): boolean {
  const { match } = fault
  if (fault.left !== 'always' && fault.left <= 0) return false
  const same = (wanted: string | undefined, actual: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === actual?.toLowerCase()
  return (
    same(match.call, call.call) &&
    same(match.method, call.method) &&
    same(match.object, call.object) &&
    same(match.operation, call.operation) &&
    (match.subscription === undefined || match.subscription === call.subscription) &&
    (match.path === undefined || new RegExp(match.path, 'i').test(call.path))
  )
}
