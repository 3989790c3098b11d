"""The plugins of this distribution: services, the platform they stand on, and the hardening around both."""

BASELINE = (
    "hardening/egress",
    "hardening/firewall",
    "hardening/kernel",
    "hardening/ssh",
    "platform/base",
    "platform/boot",
    "platform/disk",
    "platform/network",
    "platform/secrets",
)
"""What every host gets unless its manifest disables it. The rest comes with the first need for it."""
