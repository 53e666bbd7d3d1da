using System.Text.Json.Nodes;

namespace Funion.Network;

/// <summary>
/// The document as JSON. Names are lower case with underscores; bytes are lower-case hex, times are seconds since 1970, rates are
/// events per 1,000 seconds. Nodes are ordered by id, models by name: the order in which they were collected leaves no trace.
/// </summary>
static class DocumentJson
{
    public static JsonObject Write(NetworkDocument document)
    {
        JsonObject json = WriteAlways(document);
        if (document.Issuer is { } issuer)
        {
            json["issuer"] = new JsonObject { ["address"] = issuer.Address, ["batch"] = issuer.Batch, ["keys"] = List(issuer.Keys, Write) };
        }

        return json;
    }

    static JsonObject WriteAlways(NetworkDocument document) => new()
    {
        ["format"] = document.Format,
        ["name"] = document.Name,
        ["version"] = document.Version,
        ["epoch"] = document.Epoch,
        ["epoch_origin"] = document.EpochOrigin.ToUnixTimeSeconds(),
        ["epoch_seconds"] = (long)document.EpochLength.TotalSeconds,
        ["replica_epoch_origin"] = document.ReplicaEpochOrigin.ToUnixTimeSeconds(),
        ["replica_epoch_seconds"] = (long)document.ReplicaEpochLength.TotalSeconds,
        ["valid_after"] = document.ValidAfter.ToUnixTimeSeconds(),
        ["valid_until"] = document.ValidUntil.ToUnixTimeSeconds(),
        ["previous"] = Hex(document.Previous),
        ["geometry"] = new JsonObject { ["user_payload"] = document.Geometry.UserPayload, ["hops"] = document.Geometry.Hops },
        ["rates"] = Write(document.Rates),
        ["slack_ms"] = document.SlackMilliseconds,
        ["mailbox"] = new JsonObject
        {
            ["packets_per_poll"] = document.Mailbox.PacketsPerPoll,
            ["polls"] = document.Mailbox.PollsPerKilosecond,
            ["compute_polls"] = document.Mailbox.ComputePollsPerKilosecond,
        },
        ["nodes"] = List(document.Nodes.OrderBy(node => node.Id.ToString(), StringComparer.Ordinal), Write),
        ["models"] = List(document.Models.OrderBy(model => model.Name, StringComparer.Ordinal), Write),
        ["authorities"] = new JsonObject
        {
            ["threshold"] = document.Authorities.Threshold,
            ["keys"] = List(document.Authorities.Keys.Select(Hex).Order(StringComparer.Ordinal), key => key),
        },
    };

    internal static JsonObject Write(NodeDescriptor node) => new()
    {
        ["id"] = node.Id.ToString(),
        ["role"] = RoleName(node.Role),
        ["layer"] = node.Layer,
        ["index"] = node.Index,
        ["identity_key"] = Hex(node.IdentityKey),
        ["address"] = node.Address,
        ["keys"] = List(node.Keys, Write),
        ["job_keys"] = List(node.JobKeys, Write),
    };

    internal static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    internal static string RoleName(NodeRole role) => role switch
    {
        NodeRole.Gateway => "gateway",
        NodeRole.Mix => "mix",
        NodeRole.Courier => "courier",
        NodeRole.Replica => "replica",
        NodeRole.Compute => "compute",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    static JsonObject Write(Rates rates) => new()
    {
        ["mean_delay_ms"] = rates.MeanDelayMilliseconds,
        ["client"] = rates.ClientPerKilosecond,
        ["client_loop"] = rates.ClientLoopPerKilosecond,
        ["mix_loop"] = rates.MixLoopPerKilosecond,
        ["gateway_loop"] = rates.GatewayLoopPerKilosecond,
        ["link"] = rates.LinkPerKilosecond,
        ["compute"] = rates.ComputePerKilosecond,
    };

    static JsonObject Write(EpochKey key) => new() { ["epoch"] = key.Epoch, ["key"] = Hex(key.PublicKey) };

    static JsonObject Write(ModelEntry model)
    {
        JsonObject json = new()
        {
            ["name"] = model.Name,
            ["compute"] = model.Compute.ToString(),
            ["sha256"] = model.Sha256,
            ["buckets_ms"] = List(model.BucketsMilliseconds, bucket => bucket),
            ["batch"] = model.Batch,
            ["input_boxes"] = model.InputBoxes,
            ["output_boxes"] = model.OutputBoxes,
            ["max_overruns"] = model.MaxOverruns,
            ["inputs"] = List(model.Inputs, Write),
            ["outputs"] = List(model.Outputs, Write),
        };
        if (model.Labels is { } labels)
        {
            json["labels"] = List(labels, label => label);
        }
        if (model.TwoParty is { } twoParty)
        {
            json["two_party"] = new JsonObject { ["architecture"] = Hex(twoParty.Architecture) };
        }
        if (model.Enclave is { } enclave)
        {
            json["enclave"] = new JsonObject
            {
                ["model"] = enclave.Model, ["architecture"] = Hex(enclave.Architecture), ["attestation"] = Hex(enclave.Attestation),
            };
        }

        return json;
    }

    static JsonObject Write(TensorSpec tensor) => new()
    {
        ["name"] = tensor.Name,
        ["datatype"] = tensor.Datatype,
        ["shape"] = List(tensor.Shape, dimension => dimension),
    };

    static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);
}
