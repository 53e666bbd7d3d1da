using System.CommandLine;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Cli.Asking;

/// <summary>What a command that asks was told of how to ask.</summary>
sealed record AskingRequest
{
    public const string Plain = "plain", TwoParty = "two-party", Enclave = "enclave", Anonymous = "anonymous", Direct = "direct";

    public required Output Output { get; init; }

    public required string Model { get; init; }

    public string Mode { get; init; } = Plain;

    public string Channel { get; init; } = Anonymous;

    /// <summary>The network document: a file or a URL; null: the default.</summary>
    public string? Network { get; init; }

    public string? Authorities { get; init; }

    /// <summary>The options that name the network again, for a command to be typed; nothing for the default one.</summary>
    public string NamedNetwork => $"{(Network is null ? "" : $" --network {Network}")}{(Authorities is null ? "" : $" --authorities {Authorities}")}";

    /// <summary>File of what evidence of an enclave is held to.</summary>
    public string? Trust { get; init; }

    /// <summary>Whether evidence of the simulator, which proves nothing, is taken.</summary>
    public bool InsecureSimulator { get; init; }

    /// <summary>File of the keys under which an enclave is asked; null: fresh ones for each question.</summary>
    public string? EnclaveKey { get; init; }

    /// <summary>File of the invitation to a network that demands tokens.</summary>
    public string? Invitation { get; init; }

    /// <summary>Says how long the answer may take, once that is known; null where whoever asks has said it.</summary>
    public Action<TimeSpan>? Extend { get; init; }

    public static Option<string> ModeOption()
    {
        Option<string> mode = new("--mode") { Description = "What compute learns: plain, the input; two-party and enclave, nothing of it.", DefaultValueFactory = _ => Plain };
        mode.AcceptOnlyFromAmong(Plain, TwoParty, Enclave);
        return mode;
    }

    public static Option<string> ChannelOption()
    {
        Option<string> channel = new("--channel")
        {
            Description = "anonymous: through the mixnet; direct, for two-party: faster, and compute sees who asks.", DefaultValueFactory = _ => Anonymous,
        };
        channel.AcceptOnlyFromAmong(Anonymous, Direct);
        return channel;
    }
}
