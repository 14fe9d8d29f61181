import type { Random } from '../seeded-random.ts'
import { type FaultAction, type FaultRequest, isEffect, type JobEffect } from './fault.ts'

/** A fault that is set, with how often it may still strike. */
export interface Fault extends FaultRequest {
  readonly id: string
  readonly left: number | 'always'
  readonly struck: number
}

/** What is known of a call when faults are looked for. */
export interface FaultCall {
  readonly call: string
  readonly method: string
  readonly path: string
  readonly object?: string | undefined
  readonly operation?: string | undefined
}

export interface FaultBook {
  add(request: FaultRequest): Fault
  list(): readonly Fault[]
  /** Whether there was such a fault. */
  remove(id: string): boolean
  clear(): void
  /** Actions that strike this call; each is counted as used. */
  takeForCall(call: FaultCall): FaultAction[]
  /** Effects that a job takes with it when it is closed. */
  takeForJob(call: FaultCall): JobEffect[]
}

/** `nextId` must not repeat over restarts: what a row already suffered is stored under it. */
export function createFaultBook(random: () => Random, nextId: () => string): FaultBook {
  const faults = new Map<string, Fault>()

  function take(call: FaultCall, effects: boolean): Fault[] {
    const taken: Fault[] = []
    for (const fault of faults.values()) {
      if (isEffect(fault.action) !== effects || !matches(fault, call)) continue
      if (fault.probability < 1 && random()() >= fault.probability) continue
      const left = fault.left === 'always' ? 'always' : fault.left - 1
      taken.push(fault)
      faults.set(fault.id, { ...fault, left, struck: fault.struck + 1 })
    }
    return taken
  }

  return {
    add(request) {
      const fault = { ...request, id: nextId(), left: request.times, struck: 0 }
      faults.set(fault.id, fault)
      return fault
    },
    list: () => [...faults.values()],
    remove: (id) => faults.delete(id),
    clear: () => faults.clear(),
    takeForCall: (call) => take(call, false).map((fault) => fault.action),
    takeForJob(call) {
      const effects: JobEffect[] = []
      for (const { id, action } of take(call, true)) {
        if (isEffect(action)) effects.push({ ...action, fault: id })
      }
      return effects
    },
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
    (match.path === undefined || new RegExp(match.path, 'i').test(call.path))
  )
}
