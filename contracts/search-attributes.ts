/** Search attributes of every bulk job, all of type Keyword. Registered and verified at each boot. */
export const SEARCH_ATTRIBUTES = {
  connection: 'ConveyorConnection',
  object: 'ConveyorObject',
  operation: 'ConveyorOperation',
  status: 'ConveyorStatus',
} as const
