import type { Rule } from './charge.ts'
import { eksClusterRule, instanceRule, volumeRule } from './rules-compute.ts'
import { databaseRule } from './rules-database.ts'
import {
  classicBalancerRule,
  elasticAddressRule,
  hostedZoneRule,
  loadBalancerRule,
  natGatewayRule,
} from './rules-network.ts'

/** What can be priced. */
export const RULES: ReadonlyMap<string, Rule> = new Map([
  ['aws_instance', instanceRule],
  ['aws_ebs_volume', volumeRule],
  ['aws_eip', elasticAddressRule],
  ['aws_nat_gateway', natGatewayRule],
  ['aws_lb', loadBalancerRule],
  ['aws_alb', loadBalancerRule],
  ['aws_elb', classicBalancerRule],
  ['aws_db_instance', databaseRule],
  ['aws_eks_cluster', eksClusterRule],
  ['aws_route53_zone', hostedZoneRule],
])
