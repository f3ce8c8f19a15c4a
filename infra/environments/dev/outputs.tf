output "inventory_ini" {
  description = "Ansible inventory of the servers, grouped by role."
  value = templatefile("${path.module}/inventory.ini.tftpl", {
    user = var.ansible_user
    roles = {
      for role in distinct([for server in var.servers : server.role]) : role => {
        for name, server in var.servers : name => {
          address     = module.server[name].public_ip
          private_ip  = module.server[name].private_ip
          instance_id = module.server[name].instance_id
        } if server.role == role
      }
    }
  })
}

output "host_names" {
  description = "Full DNS names of the servers."
  value       = module.dns.host_names
}

output "name_servers" {
  description = "Name servers to delegate the domain to."
  value       = module.dns.name_servers
}
