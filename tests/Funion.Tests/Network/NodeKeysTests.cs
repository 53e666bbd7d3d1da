using Funion.Cryptography;
using Funion.Network;

namespace Funion.Tests.Network;

public sealed class NodeKeysTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-keys-").FullName;

    string File => Path.Combine(_folder, "node.keys");

    [Theory]
    [InlineData(NodeRole.Mix, 2)]
    [InlineData(NodeRole.Compute, 0)]
    [InlineData(NodeRole.Replica, 0)]
    public void Files_are_private_and_round_trip(NodeRole role, int layer)
    {
        using NodeKeys keys = NodeKeys.Generate(role, layer, 3, 100, 2);
        keys.Save(File);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }

        Assert.Equal(KeyFileOutcome.Loaded, NodeKeys.Load(File, out NodeKeys? again));
        using NodeKeys loaded = again!;
        Assert.Equal((keys.Id, role, layer, 3), (loaded.Id, loaded.Role, loaded.Layer, loaded.Index));
        Assert.Equal(SignedDescriptor.Sign(keys, ""), SignedDescriptor.Sign(loaded, ""));
        Assert.Equal(keys.Keys[1].PrivateKey.Span.ToArray(), loaded.Keys[1].PrivateKey.Span.ToArray());
        Assert.Equal(role == NodeRole.Compute ? 2 : 0, loaded.JobKeys.Count);
        Assert.DoesNotContain(Convert.ToHexStringLower(keys.IdentitySeed.Span), keys.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_others_may_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using NodeKeys keys = NodeKeys.Generate(NodeRole.Gateway, 0, 0, 1, 2);
        keys.Save(File);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal(KeyFileOutcome.TooOpen, NodeKeys.Load(File, out NodeKeys? loaded));
        Assert.Null(loaded);
    }

    [Fact]
    public void Damage_is_found()
    {
        Assert.Equal(KeyFileOutcome.Missing, NodeKeys.Load(File, out _));
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, 1, 2);
        keys.Save(File);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        Random random = new(3);
        for (int round = 0; round < 100; round++)
        {
            byte[] mutated = [.. bytes];
            mutated[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            System.IO.File.WriteAllBytes(File, mutated[..random.Next(round % 2 == 0 ? bytes.Length : 1, bytes.Length + 1)]);
            Assert.Equal(KeyFileOutcome.Malformed, NodeKeys.Load(File, out _));
        }
    }

    [Fact]
    public void A_right_sum_over_random_bytes_never_throws()
    {
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, 1, 2);
        byte[] bytes = NodeKeysFormat.Write(keys);
        Random random = new(4);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] mutated = [.. bytes];
            random.NextBytes(mutated.AsSpan(random.Next(mutated.Length)));
            if (NodeKeysFormat.TryRead(mutated.AsSpan(0, random.Next(mutated.Length + 1)), out NodeKeys? read))
            {
                read.Dispose();
            }
        }
    }

    [Fact]
    public void Advancing_keeps_open_epochs_and_wipes_past_ones()
    {
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Mix, 1, 0, 10, 2);
        byte[] kept = keys.Keys[1].PublicKey;
        SecretBytes past = keys.Keys[0].PrivateKey;
        keys.Advance(11, 2);
        Assert.Equal([11L, 12L], keys.Keys.Select(key => key.Epoch));
        Assert.Equal(kept, keys.Keys[0].PublicKey);
        Assert.True(past.IsClosed);
    }

    [Fact]
    public void Descriptors_are_believed_from_their_node_only()
    {
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Gateway, 0, 0, 1, 2);
        byte[] signed = SignedDescriptor.Sign(keys, "https://gateway.example");
        Assert.True(SignedDescriptor.TryParse(signed, out NodeDescriptor? descriptor));
        Assert.Equal((keys.Id, "https://gateway.example"), (descriptor.Id, descriptor.Address));
        for (int i = 0; i < signed.Length; i++)
        {
            signed[i] ^= 1;
            Assert.False(SignedDescriptor.TryParse(signed, out _));
            signed[i] ^= 1;
        }
    }

    [Fact]
    public void Authority_keys_round_trip()
    {
        using AuthorityKeys keys = AuthorityKeys.Generate();
        keys.Save(File);
        Assert.Equal(KeyFileOutcome.Loaded, AuthorityKeys.Load(File, out AuthorityKeys? again));
        using AuthorityKeys loaded = again!;
        Assert.Equal(keys.PublicKey, loaded.PublicKey);
        Assert.Equal(KeyFileOutcome.Malformed, NodeKeys.Load(File, out _));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NodeKeys.Generate(NodeRole.Mix, 0, 0, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => NodeKeys.Generate(NodeRole.Courier, 1, 0, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => NodeKeys.Generate(NodeRole.Courier, 0, 0, -1, 2));
    }

    [Fact]
    public void A_plan_with_a_state_keeps_its_identities()
    {
        using LocalNetworkPlan first = LocalNetworkPlan.Create(new(), Networks.Now, _folder);
        using LocalNetworkPlan later = LocalNetworkPlan.Create(new(), Networks.Now.AddDays(1), _folder, first.Document);
        Assert.Equal(first.Authority.PublicKey, later.Authority.PublicKey);
        Assert.Equal(first.Nodes.Select(node => node.Id), later.Nodes.Select(node => node.Id));
        Assert.Equal(first.Document.Mixes(1)[0].Keys[1].PublicKey, later.Document.Mixes(1)[0].Keys[0].PublicKey);
        Assert.Equal(DocumentVerdict.Accepted, new NetworkTrust(first.Trusted).Check(
            later.Sign().ToBytes(), Networks.Now.AddDays(1), KnownDocument.Of(first.Document), out _));
        System.IO.File.WriteAllText(Path.Combine(_folder, LocalNetworkPlan.KeyFile(NodeRole.Mix, 1, 0)), "damaged");
        Assert.Throws<IOException>(() => LocalNetworkPlan.Create(new(), Networks.Now, _folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
