# Secrets: Decrypts each secret at the start, into memory, for the one user that needs it. Generated
# by platform/secrets from [platform.secrets] in community.toml.
{
  age = {
    # The host's own key. It must be in place before the first start, or nothing opens.
    identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    # platform/base: the password hash of ada, one line made by 'mkpasswd --method=yescrypt'
    secrets.steward-ada-password = {
      file = ../../../secrets/steward-ada-password.age;
      mode = "0400";
    };
  };
}
