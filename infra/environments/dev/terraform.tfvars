region             = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b"]
cidr_block         = "10.20.0.0/16"
zone_name          = "dev.shop.example"
admin_cidr_blocks  = ["198.51.100.0/24"]

servers = {
  app        = { role = "app", instance_type = "t3.small" }
  monitoring = { role = "monitoring", instance_type = "t3.medium", root_volume_gib = 40 }
}
