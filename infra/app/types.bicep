@export()
@description('One node of the network. The name is also the prefix of its queues, containers and secrets.')
type nodeType = {
  @minLength(5)
  @maxLength(20)
  @description('gateway-0, mix-1-0 (layer, index), courier-0, replica-0, compute-0.')
  name: string

  role: 'gateway' | 'mix' | 'courier' | 'replica' | 'compute'

  @minValue(1)
  @maxValue(3)
  @description('Of a mix.')
  layer: int?

  @description('Takes POST /v1/hop from other operators\' nodes.')
  hop: bool?

  @description('Public URL, where it is not the app\'s own.')
  address: string?
}
