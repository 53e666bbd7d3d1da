using System.Text;
using Funion.Bacap;
using Funion.Cli.Planning;
using Funion.Client;
using Funion.Cryptography;
using Funion.Hosting;
using Funion.Hosting.Ingress;
using Funion.Inference;
using Funion.Mixing;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Oip;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Tests.Simulation;
using Funion.Tokens;

namespace Funion.Tests.Fuzzing;

/// <summary>Every parser of bytes that somebody else made.</summary>
static partial class FuzzTargets
{
    static readonly SeededRandom s_random = new(17);
    static readonly PigeonholeGeometry s_pigeonhole = new(500);
    static readonly SphinxGeometry s_sphinx = new(500, 5);

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. Capabilities(), .. Messages(), .. Documents(), .. Questions(), .. Records(), .. Tokens(), .. Private(), .. VerificationFuzzTargets.All, .. TransferFuzzTargets.All, .. ProtocolFuzzTargets.All, .. EnclaveFuzzTargets.All];

    static IEnumerable<FuzzTarget> Capabilities()
    {
        WriteCapability write = WriteCapability.Create();
        ReadCapability read = write.ToReadCapability();
        yield return new("read capability", typeof(ReadCapability), [read.ToBytes()], bytes =>
            ReadCapability.TryParse(bytes, out ReadCapability? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("read capability, text", typeof(ReadCapability), [Text(read.ToString())], bytes =>
            ReadCapability.TryParse(Text(bytes), out ReadCapability? parsed) && Same(bytes, Text(parsed.ToString())));
        yield return new("write capability", typeof(WriteCapability), [write.ToBytes()], bytes =>
            WriteCapability.TryParse(bytes, out WriteCapability? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("write capability, text", typeof(WriteCapability), [Text(write.ToSecretString())], bytes => WriteCapability.TryParse(Text(bytes), out _));
        yield return new("box index", typeof(MessageBoxIndex), [write.First.ToBytes()], bytes =>
            MessageBoxIndex.TryParse(bytes, out MessageBoxIndex? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("stream position", typeof(StreamPosition), [StreamPosition.ToBytes(read, read.First), StreamPosition.ToBytes(write, write.First)], bytes =>
            StreamPosition.TryParseRead(bytes) is not null | StreamPosition.TryParseWrite(bytes) is not null);
    }

    static IEnumerable<FuzzTarget> Messages()
    {
        WriteCapability stream = WriteCapability.Create();
        Box box = stream.Seal(stream.First, BacapContext.Pigeonhole, s_pigeonhole.PadPlaintext("x"u8)), tombstone = stream.Tombstone(stream.First, BacapContext.Pigeonhole);
        BoxId id = box.Id;
        byte[][] requests = [.. ((ReplicaRequest[])[ReplicaRequest.Read(id), ReplicaRequest.ToStore(box), ReplicaRequest.ToStore(tombstone)])
            .Select(request => request.ToBytes(s_pigeonhole))];
        yield return new("replica request", typeof(ReplicaRequest), requests, bytes => ReplicaRequest.TryParse(bytes) is not null);
        yield return new("replica answer", typeof(ReplicaAnswer), [new ReplicaAnswer(false, ReplicaError.None, box).ToBytes(s_pigeonhole)], bytes =>
            ReplicaAnswer.TryParse(bytes) is not null);
        CourierEnvelope envelope = new(1, 2, Bytes(60), Bytes(60), 1, 3, Bytes(32), Bytes(s_pigeonhole.SealedInnerSize));
        yield return new("courier query", typeof(CourierEnvelope), [envelope.ToQuery(s_pigeonhole)], bytes =>
            CourierEnvelope.TryParse(s_pigeonhole, bytes) is { } parsed && Same(bytes, parsed.ToQuery(s_pigeonhole)));
        yield return new("copy command", typeof(CopyCommand), [CopyCommand.ToQuery(s_pigeonhole, WriteCapability.Create())], bytes =>
            CopyCommand.TryParse(s_pigeonhole, bytes, out _));
        yield return new("courier inbound", typeof(CourierInbound), [CourierInbound.Decoy(s_pigeonhole)], bytes =>
            CourierInbound.TryParse(s_pigeonhole, bytes) is not null, SeedsAreTaken: false);
        yield return new("replica command", typeof(ReplicaCommand),
            [.. Enum.GetValues<ReplicaCommandKind>().Select(kind => ReplicaCommand.Decoy(s_pigeonhole, new NodeId(Bytes(32)), kind))],
            bytes => ReplicaCommand.TryParse(s_pigeonhole, bytes) is not null, SeedsAreTaken: false);
        yield return new("boxes at rest", typeof(SealedBoxes), [SealedBoxes.ToBytes([box, tombstone])], bytes => SealedBoxes.TryParse(bytes) is not null);
        yield return new("stored box", typeof(StoredBox), [StoredBox.ToBytes(box), StoredBox.ToBytes(tombstone)], bytes => StoredBox.TryRead(id, bytes) is not null);
        MailboxRequest poll = new(Bytes(32), 7, Bytes(4 * SurbId.Size));
        yield return new("mailbox poll", typeof(MailboxRequest), [poll.ToBytes()], bytes =>
            MailboxRequest.TryParse(bytes, 4) is { } parsed && Same(bytes, parsed.ToBytes()));
        Leftover left = new(null, DateTimeOffset.UnixEpoch.AddDays(9), [.. FixedStream.Tombstones(WriteCapability.Create(), 2)
            .Select(tombstone => new DueTombstone(tombstone, DateTimeOffset.UnixEpoch.AddDays(1)))]);
        yield return new("what is still to be deleted", typeof(Leftover), [left.ToBytes()], bytes =>
            Leftover.TryParse(bytes) is { } parsed && Same(bytes, parsed.ToBytes()));
        byte[] loops = Encoding.UTF8.GetBytes(LoopsJson.Of([new LoopReport(NodeRole.Mix, 2, 1, 9, 8, 1), new LoopReport(NodeRole.Gateway, 0, 0, 5, 5, 0)]).ToJsonString());
        yield return new("loop reports", typeof(LoopsJson), [loops], bytes => LoopsJson.TryRead(bytes) is not null);
        yield return new("slot token", typeof(SlotToken), [new SlotToken(DateTimeOffset.UnixEpoch.AddDays(1), SlotKind.Link, new NodeId(Bytes(32))).ToBytes()], bytes =>
            SlotToken.TryParse(bytes) is not null);
        HeldPacket held = new(DateTimeOffset.UnixEpoch.AddDays(1), HeldKind.Reply, new Bytes32(Bytes(32)), new SurbId(Bytes(16)), Bytes(s_sphinx.PayloadSize));
        yield return new("held packet", typeof(HeldPacket), [held.ToBytes(s_sphinx)], bytes =>
        {
            _ = HeldPacket.DueOf(bytes);
            return HeldPacket.TryParse(s_sphinx, bytes) is not null;
        });
    }

    static IEnumerable<FuzzTarget> Documents()
    {
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(new LocalNetworkOptions(), DateTimeOffset.UnixEpoch.AddYears(56));
        yield return new("network document", typeof(NetworkDocument), [plan.Document.ToBytes()], bytes =>
            NetworkDocument.TryParse(bytes, out NetworkDocument? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("signed network document", typeof(SignedNetworkDocument), [plan.Sign().ToBytes()], bytes =>
            SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("pin", typeof(TrustedAuthorities), [plan.Trusted.ToBytes()], bytes => TrustedAuthorities.TryParse(bytes, out _));
        yield return new("signed descriptor", typeof(SignedDescriptor), [SignedDescriptor.Sign(plan.Nodes[0], "http://127.0.0.1:1")], bytes =>
            SignedDescriptor.TryParse(bytes, out _));
        yield return new("canonical JSON", typeof(CanonicalJson), [plan.Document.ToBytes(), "{\"a\":[1,\"b\"]}"u8.ToArray()], bytes =>
            CanonicalJson.TryParse(bytes, out _));
        byte[][] keys = [.. plan.Nodes.Take(3).Concat(plan.Nodes.Where(node => node.Role == NodeRole.Compute)).Select(NodeKeysFormat.Write)];
        yield return new("node keys", typeof(NodeKeysFormat), keys, bytes =>
        {
            bool taken = NodeKeysFormat.TryRead(bytes, out NodeKeys? parsed);
            parsed?.Dispose();
            return taken;
        });
        yield return new("key file", typeof(SecretFile), [[.. keys[0], .. Hash(keys[0])]], bytes =>
        {
            using NodeKeys? parsed = NodeKeys.TryRead(bytes);
            return parsed is not null;
        });
        yield return new("peers", typeof(PeerList), [Text("a=https://a.queue.core.windows.net/a;b=sb://b.servicebus.windows.net/b")], bytes =>
            PeerList.TryParse(Text(bytes)) is not null);
    }

    static IEnumerable<FuzzTarget> Questions()
    {
        Tensor[] tensors = [Tensor.Of("x", [1, 4], [1, 2, 3, 4]), Tensor.Of("yy", [2], [1, 2])];
        yield return new("tensors", typeof(TensorCodec), [TensorCodec.Encode(tensors)], bytes =>
            TensorCodec.TryParse(bytes) is { } parsed && Same(bytes, TensorCodec.Encode(parsed)));
        yield return new("answer", typeof(InferenceAnswer), [InferenceAnswer.Result(tensors), InferenceAnswer.Fail(InferenceFailure.Overrun)], bytes =>
            InferenceAnswer.TryParse(bytes) is not null);
        byte[] question = Text("""{"id":"1","inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[[1,2],[3,4.5]]},{"name":"i","datatype":"INT64","shape":[1],"data":[9007199254740993]}],"outputs":[{"name":"y"}]}""");
        yield return new("OIP request", typeof(OipRequest), [question], bytes => OipRequest.TryParse(bytes, out _) is not null);
        byte[] binary = [.. Text("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}"""), .. new byte[8]];
        yield return new("OIP request with binary data", typeof(OipRequest), [binary], bytes => OipRequest.TryParse(bytes, Math.Max(0, bytes.Length - 8), out _) is not null);
        yield return new("PNG", typeof(Png), [DigitModel.SamplePicture()], bytes => Png.TryRead(bytes, out _) is not null, Allowance: 64 << 20);
        yield return new("NPY", typeof(Npy), [NpyOf("'<f4'", "(2, 2)", 16), NpyOf("'<i8'", "(1,)", 8)], bytes => Npy.TryRead("x", bytes, out _) is not null);
        yield return new("prices", typeof(PlanPrices), [File.ReadAllBytes(Path.Combine(Architecture.Repository.Root, "infra", "prices.json"))], bytes =>
            PlanPrices.TryParse(bytes, out _) is not null);
    }

    static IEnumerable<FuzzTarget> Records()
    {
        byte[] key = Bytes(32);
        StoreKey place = new("jobs", 1, "a");
        yield return new("sealed at rest", typeof(SealedAtRest), [SealedAtRest.Seal(key, place, Bytes(100))], bytes => SealedAtRest.TryOpen(key, place, bytes) is not null);
        Job job = JobOf();
        yield return new("job", typeof(Job), [job.ToBytes()], bytes =>
            // Padding may follow.
            Job.TryParse(bytes, out Job? parsed) && Same(bytes[..parsed.ToBytes().Length], parsed.ToBytes()));
        yield return new("accepted job", typeof(AcceptedJob), [new AcceptedJob(job, DateTimeOffset.UnixEpoch.AddDays(1), 3).ToBytes()], bytes =>
            AcceptedJob.TryParse(bytes) is not null);
    }

    static IEnumerable<FuzzTarget> Tokens()
    {
        using IssuerKeys keys = IssuerKeys.Generate(3, 1);
        byte[] body = keys.Write(), issuer = keys.Find(3)!.PublicKey.Encoded;
        yield return new("issuer's keys", typeof(IssuerKeys), [body], bytes =>
        {
            bool taken = IssuerKeys.TryRead(bytes, out IssuerKeys? parsed);
            parsed?.Dispose();
            return taken;
        });
        LocalNetworkPlan plan = Tests.Tokens.TokenStage.Plan;
        using PendingBatch pending = PendingBatch.TryCreate(plan.Document, plan.Document.Epoch)!;
        yield return new("batch under way", typeof(PendingBatch), [pending.ToBytes()], bytes =>
        {
            using PendingBatch? parsed = PendingBatch.TryParse(plan.Document, bytes);
            return parsed is not null;
        });
        yield return new("invitation", typeof(TokenInvitation), [Encoding.UTF8.GetBytes(TokenInvitation.Create().ToString())], bytes =>
            TokenInvitation.TryParse(Encoding.UTF8.GetString(bytes), out _));
        yield return new("token key", typeof(TokenKey), [issuer], bytes => TokenKey.TryParse(bytes, out TokenKey? parsed) && Same(bytes, parsed.Encoded));
        yield return new("token", typeof(Token), [[0, 2, .. Bytes(Token.Size - 2)]], bytes =>
            Token.TryParse(bytes, out Token? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("token challenge", typeof(TokenChallenge), [TokenChallenge.ForJob("local", 3, new NodeId(Bytes(32))).ToBytes()], bytes =>
            TokenChallenge.TryParse(bytes, out TokenChallenge? parsed) && Same(bytes, parsed.ToBytes()));
        yield return new("batch of token requests", typeof(TokenBatch), [TokenBatch.Write(3, [Bytes(PendingToken.RequestSize)])], bytes =>
            TokenBatch.TryRead(bytes) is not null);
    }

    static Job JobOf() => new(
        Bytes(32), "digits", TimeSpan.FromSeconds(5), 1, 1, WriteCapability.Create().ToReadCapability(), WriteCapability.Create());

    static byte[] NpyOf(string type, string shape, int data)
    {
        string header = $"{{'descr': {type}, 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Text(header), .. new byte[data]];
    }

    static byte[] Hash(byte[] body)
    {
        byte[] sum = new byte[32];
        Blake2b.Hash256(body, sum);
        return sum;
    }

    static bool Same(byte[] read, byte[] written) =>
        read.AsSpan().SequenceEqual(written) ? true : throw new InvalidOperationException("What was read is written otherwise: one value has two texts.");

    static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        s_random.Fill(bytes);
        return bytes;
    }

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
