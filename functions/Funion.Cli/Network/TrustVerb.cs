using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary><c>funion network trust [FILE.authorities] [--replace]</c>: pins authority keys, or lists what is pinned.</summary>
static class TrustVerb
{
    public static Command Create()
    {
        Argument<string?> file = new("FILE") { Description = "Authority keys; none: list the pins.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> replace = new("--replace") { Description = "Replace other keys pinned for the same network." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("trust", "Pin a network's authority keys, or list what is pinned.") { file, replace, json };
        command.SetAction(parsed => parsed.GetValue(file) is { } path
            ? Pin(parsed.Output(json), path, parsed.GetValue(replace))
            : List(parsed.Output(json)));
        return command;
    }

    static int Pin(Output output, string path, bool replace)
    {
        if (!TrustStore.TryReadPin(path, out TrustedAuthorities? pin) || !TrustStore.IsFileName(pin.Network))
        {
            return output.Error(ExitCode.Failed, $"{path} is not a file of authority keys.");
        }

        TrustedAuthorities? before = TrustStore.Pin(pin.Network);
        bool changed = before is not null && !before.ToBytes().AsSpan().SequenceEqual(pin.ToBytes());
        if (changed && !replace)
        {
            return output.Error(
                ExitCode.VerificationFailed,
                $"Other authority keys are pinned for {pin.Network}.",
                "if its operators confirm the change by another way, add --replace");
        }

        try
        {
            TrustStore.Save(pin);
            if (changed)
            {
                TrustStore.Forget(pin.Network);
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return output.Error(ExitCode.Failed, $"The pin cannot be written to {FunionHome.Path}.");
        }

        output.Data(Line(pin));
        output.Data(Json(pin));
        return (int)ExitCode.Ok;
    }

    static int List(Output output)
    {
        IReadOnlyList<TrustedAuthorities> pins = TrustStore.Pins();
        foreach (TrustedAuthorities pin in pins)
        {
            output.Data(Line(pin));
        }

        output.Data(new JsonArray([.. pins.Select(Json)]));
        return (int)ExitCode.Ok;
    }

    static string Line(TrustedAuthorities pin) =>
        $"{pin.Network}: {pin.Threshold} of {string.Join(", ", pin.Keys.Select(Convert.ToHexStringLower))}";

    static JsonObject Json(TrustedAuthorities pin) => new()
    {
        ["network"] = pin.Network,
        ["threshold"] = pin.Threshold,
        ["keys"] = new JsonArray([.. pin.Keys.Select(key => JsonValue.Create(Convert.ToHexStringLower(key)))]),
    };
}
