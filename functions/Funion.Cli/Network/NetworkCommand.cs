using System.CommandLine;
using Funion.Cli.Issuing;

namespace Funion.Cli.Network;

/// <summary><c>funion network …</c></summary>
static class NetworkCommand
{
    public static Command Create() => new("network", "Make, sign, show and check network documents; pin authority keys.")
    {
        NewVerb.Create(),
        KeyVerb.Create(),
        DescriptorVerb.Create(),
        SignVerb.Create(),
        ShowVerb.Create(),
        VerifyVerb.Create(),
        TrustVerb.Create(),
        InviteVerb.Create(),
    };
}
