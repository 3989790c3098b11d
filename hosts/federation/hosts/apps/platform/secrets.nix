# Secrets: Decrypts each secret at the start, into memory, for the one user that needs it. Generated
# by platform/secrets from [platform.secrets] in community.toml.
{
  age = {
    # The host's own key. It must be in place before the first start, or nothing opens.
    identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    secrets = {
      # services/matrix: the password of matrix-synapse, one line made by printf '*:*:*:*:%s\n'
      # "$(openssl rand -hex 32)"
      database-matrix-synapse = {
        file = ../../../secrets/database-matrix-synapse.age;
        owner = "matrix-synapse";
        mode = "0400";
      };
      # services/vaultwarden: the password of vaultwarden, one line made by printf '*:*:*:*:%s\n'
      # "$(openssl rand -hex 32)"
      database-vaultwarden = {
        file = ../../../secrets/database-vaultwarden.age;
        owner = "vaultwarden";
        mode = "0400";
      };
      # services/matrix: 64 random letters and digits; a form that is open breaks when it changes
      matrix-form = {
        file = ../../../secrets/matrix-form.age;
        owner = "matrix-synapse";
        group = "matrix-synapse";
        mode = "0400";
      };
      # services/matrix: 64 random letters and digits; links of single use break when it changes
      matrix-macaroon = {
        file = ../../../secrets/matrix-macaroon.age;
        owner = "matrix-synapse";
        group = "matrix-synapse";
        mode = "0400";
      };
      # services/matrix: 64 random letters and digits; who has it, and a shell on this host, opens
      # accounts
      matrix-registration = {
        file = ../../../secrets/matrix-registration.age;
        owner = "matrix-synapse";
        group = "matrix-synapse";
        mode = "0400";
      };
      # services/matrix: 64 random letters and digits, between the processes of the homeserver
      matrix-replication = {
        file = ../../../secrets/matrix-replication.age;
        owner = "matrix-synapse";
        group = "matrix-synapse";
        mode = "0400";
      };
      # platform/base: the password hash of ada, one line made by 'mkpasswd --method=yescrypt'
      steward-ada-password = {
        file = ../../../secrets/steward-ada-password.age;
        mode = "0400";
      };
      # platform/base: the password hash of grace, one line made by 'mkpasswd --method=yescrypt'
      steward-grace-password = {
        file = ../../../secrets/steward-grace-password.age;
        mode = "0400";
      };
      # platform/wireguard: the host's private key in the network between the community's hosts,
      # made unseen by 'wg genkey | agenix -e wireguard-apps.age'
      wireguard-apps = {
        file = ../../../secrets/wireguard-apps.age;
        group = "systemd-network";
        mode = "0440";
      };
    };
  };
}
