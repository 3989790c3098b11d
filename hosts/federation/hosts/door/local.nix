# What is special about this machine. Yours: maidan-nix wrote it once and never touches it again.
# Anything set here with lib.mkForce wins over the generated files. A sandbox is loosened by declaring an exception,
# with its reason: maidan.sandbox.units.<unit>.exceptions.<Directive> = { value = ...; reason = "..."; };
{ }
