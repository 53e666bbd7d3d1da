using System.Text.Json;
using Funion.Tokens;

namespace Funion.Network;

/// <summary>Reads what <see cref="DocumentJson"/> writes. Bounds are those of a sane network, so that no later product overflows.</summary>
static class DocumentReader
{
    const int MostNodes = 4_096;
    const int MostRate = 10_000_000;
    const long MostEpoch = 1_000_000_000;
    const long MostEpochSeconds = 366 * 86_400;

    public static NetworkDocument? Read(JsonElement json)
    {
        JsonFields fields = new(json);
        JsonFields geometry = fields.Object("geometry");
        JsonFields rates = fields.Object("rates");
        JsonFields mailbox = fields.Object("mailbox");
        JsonFields authorities = fields.Object("authorities");
        JsonFields? issuer = fields.Has("issuer") ? fields.Object("issuer") : null;
        NetworkDocument document = new()
        {
            Format = fields.Int("format", 1, int.MaxValue),
            Name = fields.Text("name", 64),
            Version = fields.Integer("version", 1, CanonicalJson.MaxInteger),
            Epoch = fields.Integer("epoch", 0, MostEpoch),
            EpochOrigin = fields.Time("epoch_origin"),
            EpochLength = TimeSpan.FromSeconds(fields.Integer("epoch_seconds", 1, MostEpochSeconds)),
            ReplicaEpochOrigin = fields.Time("replica_epoch_origin"),
            ReplicaEpochLength = TimeSpan.FromSeconds(fields.Integer("replica_epoch_seconds", 1, MostEpochSeconds)),
            ValidAfter = fields.Time("valid_after"),
            ValidUntil = fields.Time("valid_until"),
            Previous = fields.Bytes("previous", NetworkDocument.HashSize),
            Geometry = new GeometryParameters(geometry.Int("user_payload", 1, 1 << 20), geometry.Int("hops", 1, 16)),
            Rates = ReadRates(rates),
            SlackMilliseconds = fields.Int("slack_ms", 0, 86_400_000),
            Mailbox = new MailboxParameters
            {
                PacketsPerPoll = mailbox.Int("packets_per_poll", 1, 1_000),
                PollsPerKilosecond = mailbox.Int("polls", 0, MostRate),
                ComputePollsPerKilosecond = mailbox.Int("compute_polls", 0, MostRate),
            },
            Nodes = fields.List("nodes", MostNodes, ReadNode),
            Models = fields.List("models", 1_000, ReadModel),
            Issuer = issuer is null ? null : new IssuerEntry(issuer.Text("address", 512), issuer.Int("batch", 1, TokenBatch.Most), issuer.List("keys", 3, ReadIssuerKey)),
            Authorities = new AuthoritySet(authorities.Int("threshold", 1, 100), authorities.List("keys", 100, ReadKey)),
        };
        return fields.Done && geometry.Done && rates.Done && mailbox.Done && authorities.Done && (issuer?.Done ?? true) ? document : null;
    }

    internal static NodeDescriptor? ReadNode(JsonElement json)
    {
        JsonFields fields = new(json);
        NodeRole? role = Role(fields.Text("role", 16));
        NodeDescriptor node = new()
        {
            Id = new NodeId(fields.Bytes("id", NodeId.Size)),
            Role = role ?? default,
            Layer = fields.Int("layer", 0, 3),
            Index = fields.Int("index", 0, MostNodes),
            IdentityKey = fields.Bytes("identity_key", 32),
            Address = fields.Text("address", 256),
            Keys = fields.List("keys", 16, ReadEpochKey),
            JobKeys = fields.List("job_keys", 16, ReadEpochKey),
        };
        return fields.Done && role is not null ? node : null;
    }

    internal static byte[]? ReadKey(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && JsonFields.TryHex(json.GetString()!, 32, out byte[] key) ? key : null;

    static Rates ReadRates(JsonFields rates) => new()
    {
        MeanDelayMilliseconds = rates.Int("mean_delay_ms", 0, 86_400_000),
        ClientPerKilosecond = rates.Int("client", 0, MostRate),
        ClientLoopPerKilosecond = rates.Int("client_loop", 0, MostRate),
        MixLoopPerKilosecond = rates.Int("mix_loop", 0, MostRate),
        GatewayLoopPerKilosecond = rates.Int("gateway_loop", 0, MostRate),
        LinkPerKilosecond = rates.Int("link", 0, MostRate),
        ComputePerKilosecond = rates.Int("compute", 0, MostRate),
    };

    static EpochKey? ReadEpochKey(JsonElement json)
    {
        JsonFields fields = new(json);
        EpochKey key = new(fields.Integer("epoch", 0, MostEpoch), fields.Bytes("key", 32));
        return fields.Done ? key : null;
    }

    static EpochKey? ReadIssuerKey(JsonElement json)
    {
        JsonFields fields = new(json);
        EpochKey key = new(fields.Integer("epoch", 0, MostEpoch), fields.Bytes("key", TokenKey.Size));
        return fields.Done ? key : null;
    }

    static ModelEntry? ReadModel(JsonElement json)
    {
        JsonFields fields = new(json);
        JsonFields? twoParty = fields.Has("two_party") ? fields.Object("two_party") : null;
        JsonFields? enclave = fields.Has("enclave") ? fields.Object("enclave") : null;
        ModelEntry model = new()
        {
            Name = fields.Text("name", 64),
            Compute = new NodeId(fields.Bytes("compute", NodeId.Size)),
            Sha256 = DocumentJson.Hex(fields.Bytes("sha256", 32)),
            BucketsMilliseconds = [.. fields.Integers("buckets_ms", 16, 1, 86_400_000).Select(bucket => (int)bucket)],
            Batch = fields.Int("batch", 1, 100_000),
            InputBoxes = fields.Int("input_boxes", 1, 100_000),
            OutputBoxes = fields.Int("output_boxes", 1, 100_000),
            MaxOverruns = fields.Int("max_overruns", 0, 1_000),
            Inputs = fields.List("inputs", 64, ReadTensor),
            Outputs = fields.List("outputs", 64, ReadTensor),
            Labels = fields.Has("labels") ? fields.List("labels", 10_000, ReadLabel) : null,
            TwoParty = twoParty is null ? null : new TwoPartyEntry(twoParty.Bytes("architecture", 32)),
            Enclave = enclave is null ? null : new EnclaveEntry(
                enclave.Text("model", 64), enclave.BytesUpTo("architecture", EnclaveEntry.MaxSize), enclave.BytesUpTo("attestation", EnclaveEntry.MaxSize)),
        };
        return fields.Done && (twoParty?.Done ?? true) && (enclave?.Done ?? true) ? model : null;
    }

    static TensorSpec? ReadTensor(JsonElement json)
    {
        JsonFields fields = new(json);
        TensorSpec tensor = new(fields.Text("name", 256), fields.Text("datatype", 16), fields.Integers("shape", 16, -1, int.MaxValue));
        return fields.Done ? tensor : null;
    }

    static string? ReadLabel(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && json.GetString() is { Length: <= 256 } label ? label : null;

    static NodeRole? Role(string name) =>
        Enum.GetValues<NodeRole>().Where(role => DocumentJson.RoleName(role) == name).Select(role => (NodeRole?)role).FirstOrDefault();
}
