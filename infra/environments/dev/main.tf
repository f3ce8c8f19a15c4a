locals {
  name = "${var.project}-${var.environment}"

  # Servers take the zones in turn, in the order of their names.
  zone_of = { for index, name in sort(keys(var.servers)) : name => var.availability_zones[index % length(var.availability_zones)] }
}

data "aws_ssm_parameter" "ami" {
  count = var.ami_id == null ? 1 : 0
  name  = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  cidr_block         = var.cidr_block
  availability_zones = var.availability_zones
}

module "firewall" {
  source = "../../modules/firewall"

  name        = "${local.name}-servers"
  description = "Web traffic to everyone, administration to the administrators"
  vpc_id      = module.network.vpc_id

  ingress = [
    { name = "http", port = 80, cidr_blocks = ["0.0.0.0/0"] },
    { name = "https", port = 443, cidr_blocks = ["0.0.0.0/0"] },
    { name = "ssh", port = 22, cidr_blocks = var.admin_cidr_blocks },
    { name = "metrics", port = 9100, cidr_blocks = [var.cidr_block] },
  ]
}

module "server" {
  source   = "../../modules/server"
  for_each = var.servers

  name               = "${local.name}-${each.key}"
  role               = each.value.role
  ami_id             = var.ami_id == null ? data.aws_ssm_parameter.ami[0].insecure_value : var.ami_id
  instance_type      = each.value.instance_type
  root_volume_gib    = each.value.root_volume_gib
  subnet_id          = module.network.public_subnet_ids[local.zone_of[each.key]]
  security_group_ids = [module.firewall.security_group_id]
  key_name           = var.key_name
}

module "dns" {
  source = "../../modules/dns"

  zone_name = var.zone_name
  records   = { for name, server in module.server : name => server.public_ip }
}
