# Address ranges that are not the internet: what a unit of class "internet" cannot reach.
#
# From the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) and the multicast registries: what is not
# globally reachable. A program that can be talked into fetching an address of the caller's choice then cannot reach the
# local network, other guests of the provider or the provider's metadata service (169.254.169.254).
#
# The NAT64 prefix 64:ff9b::/96 is left out: on a host without IPv4 it is the way to the IPv4 internet.
[
  "0.0.0.0/8" # this network
  "10.0.0.0/8" # private, RFC 1918
  "100.64.0.0/10" # shared by carriers (CGNAT), RFC 6598
  "127.0.0.0/8" # loopback, allowed again as "localhost"
  "169.254.0.0/16" # link-local
  "172.16.0.0/12" # private, RFC 1918
  "192.0.0.0/24" # IETF protocol assignments
  "192.0.2.0/24" # documentation
  "192.168.0.0/16" # private, RFC 1918
  "198.18.0.0/15" # benchmarking
  "198.51.100.0/24" # documentation
  "203.0.113.0/24" # documentation
  "224.0.0.0/4" # multicast
  "240.0.0.0/4" # reserved, with limited broadcast

  "::/127" # unspecified and loopback, the latter allowed again as "localhost"
  "64:ff9b:1::/48" # NAT64 of local use
  "100::/64" # discard
  "2001::/32" # Teredo: carries IPv4 addresses
  "2001:db8::/32" # documentation
  "2002::/16" # 6to4: carries IPv4 addresses
  "3fff::/20" # documentation
  "5f00::/16" # segment routing
  "fc00::/7" # unique local
  "fe80::/10" # link-local
  "fec0::/10" # site-local, deprecated
  "ff00::/8" # multicast
]
