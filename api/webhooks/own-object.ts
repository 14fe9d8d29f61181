import { faultOfPattern } from '../../contracts/event-types.ts'

/** Whether Conveyor tells of itself by this name. Nobody else may: a job that has failed is nobody's word but its own. */
export function isOwnObject(objectType: string): boolean {
  return faultOfPattern(`${objectType.toLowerCase()}.created`) === 'own_type'
}
