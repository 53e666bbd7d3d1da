using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>
/// <c>funion network descriptor KEYS</c>: what a node publishes of itself, ahead: its keys for this epoch and the two after it, signed by its identity.
/// Makes the keys that are missing and wipes those whose grace is over. Run it once an epoch; the authorities collect the files.
/// </summary>
static class DescriptorVerb
{
    public static Command Create()
    {
        Argument<string> keys = new("KEYS") { Description = "The node's secret file, mode 0600; made when it is not there." };
        Option<string?> role = new("--role") { Description = "Of a new node: gateway, mix, courier, replica or compute." };
        role.AcceptOnlyFromAmong([.. Enum.GetNames<NodeRole>().Select(name => name.ToLowerInvariant())]);
        Option<int> layer = new("--layer") { Description = "Of a new mix: 1 to 3." }, index = new("--index") { Description = "Of a new node: its number within role and layer." };
        Option<string?> address = new("--address") { Description = "The node's base URL; \"\" for none. Default: what it had." };
        Option<string?> network = new("--network") { Description = "The network's present document, for its epochs; held to its pin." };
        Option<string?> file = new("--out") { Description = "Where the descriptor goes; default: KEYS.json." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("descriptor", "Publish a node's keys for the coming epochs, signed by itself.") { keys, role, layer, index, address, network, file, json };
        command.SetAction(parsed => Run(
            parsed.Output(json), parsed.GetRequiredValue(keys), Role(parsed.GetValue(role)), parsed.GetValue(layer), parsed.GetValue(index),
            parsed.GetValue(address), parsed.GetValue(network), parsed.GetValue(file)));
        return command;
    }

    static NodeRole? Role(string? name) => name is null ? null : Enum.Parse<NodeRole>(name, ignoreCase: true);

    static int Run(Output output, string file, NodeRole? role, int layer, int index, string? address, string? network, string? descriptor)
    {
        if (role is not null && (index is < 0 or > ushort.MaxValue || (role == NodeRole.Mix ? layer is < 1 or > 3 : layer != 0)))
        {
            return output.Error(ExitCode.Usage, "A mix has a layer from 1 to 3, no other node has one; an index counts from 0.");
        }
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (Draft(network, now, out string problem) is not { } draft)
        {
            return output.Error(ExitCode.VerificationFailed, problem, "pin the authorities' keys with: funion network trust FILE.authorities");
        }
        KeyFileOutcome outcome = NodeKeys.Load(file, out NodeKeys? keys);
        if (keys is null && (outcome != KeyFileOutcome.Missing || File.Exists(file)))
        {
            return KeyFiles.Error(output, file, outcome);
        }
        NodeRole does = keys?.Role ?? role ?? NodeRole.Mix;
        if (keys is null && role is null)
        {
            return output.Error(ExitCode.Usage, $"{file} is not there: a new node needs its --role.");
        }
        (long first, _) = NetworkRules.Epochs(draft, does);
        (_, long last) = NetworkRules.Epochs(draft with { Epoch = draft.Epoch + 1 }, does);
        if (last - first > 8 || (keys?.Keys.Count > 0 && (keys.Keys[0].Epoch > last + 1 || keys.Keys[^1].Epoch < first - 8)))
        {
            // Wiping is for ever: not on the word of another network's clock.
            keys?.Dispose();
            return output.Error(ExitCode.Failed, $"{file} has keys of other epochs than {first} to {last}.", "name the network's document with --network");
        }
        keys ??= NodeKeys.Generate(does, layer, index, first, 1);
        using (keys)
        {
            // How long past keys are needed is the network's word; without it, one epoch.
            keys.Advance(first, (int)(last - first) + 1, network is null ? Math.Max(0, first - 1) : draft.FirstKeptEpoch(does, now));
            try
            {
                KeyFiles.MakeFolder(file);
                keys.Save(file);
                address ??= Published(descriptor ?? file + ".json", keys.Id) is { Length: > 0 } said ? said : draft.Node(keys.Id)?.Address ?? "";
                AtomicFile.Write(descriptor ?? file + ".json", SignedDescriptor.Sign(keys, address));
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, unwritable.Message);
            }
            output.Data($"{descriptor ?? file + ".json"}: {keys.Id}, epochs {first} to {last}, {(address.Length > 0 ? address : "no address")}");
            output.Data(new JsonObject
            {
                ["descriptor"] = descriptor ?? file + ".json", ["id"] = keys.Id.ToString(), ["first"] = first, ["last"] = last, ["address"] = address,
            });
            return (int)ExitCode.Ok;
        }
    }

    /// <summary>The address that this node last said it has; null when there is no such word of its own.</summary>
    static string? Published(string file, NodeId id) =>
        TrustStore.TryReadFile(file, out byte[]? bytes) && SignedDescriptor.TryParse(bytes, out NodeDescriptor? last) && last.Id == id ? last.Address : null;

    /// <summary>Whose epochs count: the network's own, or those of a network with the standard ones.</summary>
    static NetworkDocument? Draft(string? network, DateTimeOffset now, out string problem)
    {
        problem = "";
        NetworkDocument? document = new()
        {
            Name = "standard", Version = 1, Epoch = 0, ValidAfter = now, ValidUntil = now, Geometry = new GeometryParameters(30_000), Nodes = [],
            Authorities = new AuthoritySet(1, []),
        };
        if (network is not null)
        {
            TrustedAuthorities? pin = null;
            if (!TrustStore.TryReadFile(network, out byte[]? bytes) || !SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed))
            {
                problem = $"{network} is not a network document.";
                return null;
            }
            _ = TrustStore.TryReadPin(network + ".authorities", out pin);
            pin ??= TrustStore.Pin(signed.Document.Name);
            DocumentVerdict verdict = pin is null ? DocumentVerdict.OtherNetwork : new NetworkTrust(pin).Check(bytes, now, null, out document);
            // One that has just run out still tells the epochs.
            if (verdict == DocumentVerdict.Expired)
            {
                document = signed.Document;
            }
            else if (verdict != DocumentVerdict.Accepted)
            {
                problem = $"The network document {network} is refused: {VerdictText.Sentence(verdict)}";
                return null;
            }
        }
        return document! with { Epoch = document!.EpochAt(now) };
    }
}
