using Funion.Network;

namespace Funion.Tests.Network;

public sealed class NetworkTrustTests : IDisposable
{
    readonly AuthorityKeys[] _authorities = [AuthorityKeys.Generate(), AuthorityKeys.Generate(), AuthorityKeys.Generate()];
    readonly LocalNetworkPlan _plan = Networks.Plan(new LocalNetworkOptions { Replicas = 4, MixesPerLayer = 1, Couriers = 1, Rates = new Rates { ComputePerKilosecond = 4_000 } });
    readonly NetworkTrust _trust;

    public NetworkTrustTests() => _trust = new NetworkTrust(new TrustedAuthorities("local", 2, [.. _authorities.Select(key => key.PublicKey)]));

    [Fact]
    public void Enough_signatures_are_accepted()
    {
        Assert.Equal(DocumentVerdict.Accepted, Check(Sign(_plan.Document, 0, 1)));
        Assert.Equal(DocumentVerdict.Accepted, Check(Sign(_plan.Document, 2, 0, 1)));
        _trust.Check(Sign(_plan.Document, 0, 1).ToBytes(), Networks.Now, null, out NetworkDocument? document);
        Assert.Equal(_plan.Document.Hash(), document!.Hash());
    }

    [Fact]
    public void One_less_than_k_and_one_twice_are_not_enough()
    {
        Assert.Equal(DocumentVerdict.NotEnoughSignatures, Check(Sign(_plan.Document)));
        SignedNetworkDocument one = Sign(_plan.Document, 0);
        Assert.Equal(DocumentVerdict.NotEnoughSignatures, Check(one));
        Assert.Equal(DocumentVerdict.NotEnoughSignatures, Check(new(one.Document, [one.Signatures[0], one.Signatures[0]])));
        Assert.Single(one.AddSignature(_authorities[0]).Signatures);
    }

    [Fact]
    public void Strangers_count_for_nothing()
    {
        using AuthorityKeys stranger = AuthorityKeys.Generate();
        Assert.Equal(DocumentVerdict.NotEnoughSignatures, Check(Sign(_plan.Document, 0).AddSignature(stranger)));
        Assert.Equal(DocumentVerdict.NotEnoughSignatures, Check(_plan.Sign()));
    }

    [Fact]
    public void A_signature_of_another_document_is_forged()
    {
        SignedNetworkDocument real = Sign(_plan.Document, 0, 1);
        Assert.Equal(DocumentVerdict.SignatureInvalid, Check(new(_plan.Document with { Version = 2 }, real.Signatures)));
    }

    [Fact]
    public void Time_and_name_are_checked()
    {
        SignedNetworkDocument signed = Sign(_plan.Document, 0, 1);
        Assert.Equal(DocumentVerdict.NotYetValid, Check(signed, now: _plan.Document.ValidAfter.AddTicks(-1)));
        Assert.Equal(DocumentVerdict.Accepted, Check(signed, now: _plan.Document.ValidUntil.AddTicks(-1)));
        Assert.Equal(DocumentVerdict.Expired, Check(signed, now: _plan.Document.ValidUntil));
        Assert.Equal(DocumentVerdict.OtherNetwork, Check(Sign(_plan.Document with { Name = "other" }, 0, 1)));
        Assert.Equal(DocumentVerdict.UnsupportedFormat, Check(Sign(_plan.Document with { Format = 2 }, 0, 1)));
        Assert.Equal(DocumentVerdict.RulesBroken, Check(Sign(_plan.Document with { Nodes = [] }, 0, 1)));
    }

    [Fact]
    public void History_goes_forward_only()
    {
        NetworkDocument first = _plan.Document;
        NetworkDocument second = first with { Version = 2, Previous = first.Hash() };
        KnownDocument knownFirst = KnownDocument.Of(first);
        Assert.Equal(DocumentVerdict.Accepted, Check(Sign(first, 0, 1), knownFirst));
        Assert.Equal(DocumentVerdict.Accepted, Check(Sign(second, 0, 1), knownFirst));
        Assert.Equal(DocumentVerdict.Accepted, Check(Sign(second with { Version = 9 }, 0, 1), knownFirst));
        Assert.Equal(DocumentVerdict.OlderThanKnown, Check(Sign(first, 0, 1), KnownDocument.Of(second)));
        Assert.Equal(DocumentVerdict.BrokenChain, Check(Sign(second with { Previous = new byte[32] }, 0, 1), knownFirst));
    }

    [Fact]
    public void A_document_of_ones_own_is_noticed()
    {
        NetworkDocument mine = _plan.Document with { SlackMilliseconds = 1 };
        Assert.Equal(DocumentVerdict.ConflictsWithKnown, Check(Sign(mine, 0, 1), KnownDocument.Of(_plan.Document)));
        Assert.Equal(DocumentVerdict.DiffersBetweenGateways, NetworkTrust.CheckSecond(mine, Sign(_plan.Document, 0, 1).ToBytes()));
        Assert.Equal(DocumentVerdict.DiffersBetweenGateways, NetworkTrust.CheckSecond(mine, []));
        Assert.Equal(DocumentVerdict.Accepted, NetworkTrust.CheckSecond(mine, Sign(mine, 2).ToBytes()));
    }

    [Fact]
    public void No_byte_can_be_changed()
    {
        byte[] bytes = Sign(_plan.Document, 0, 1).ToBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte kept = bytes[i];
            bytes[i] = (byte)(kept ^ (1 << (i % 8)));
            Assert.NotEqual(DocumentVerdict.Accepted, _trust.Check(bytes, Networks.Now, null, out NetworkDocument? document));
            Assert.Null(document);
            bytes[i] = kept;
        }

        Assert.Equal(DocumentVerdict.Malformed, _trust.Check([.. bytes, (byte)'\n'], Networks.Now, null, out _));
        Assert.Equal(DocumentVerdict.Accepted, _trust.Check(bytes, Networks.Now, null, out _));
    }

    [Fact]
    public void Pins_round_trip_and_insane_ones_are_refused()
    {
        byte[] file = _trust.Trusted.ToBytes();
        Assert.True(TrustedAuthorities.TryParse(file, out TrustedAuthorities? again));
        Assert.Equal((2, 3, "local"), (again.Threshold, again.Keys.Count, again.Network));
        for (int i = 0; i < file.Length - 1; i++)
        {
            Assert.False(TrustedAuthorities.TryParse(file.AsSpan(0, i), out _));
        }

        byte[] key = _authorities[0].PublicKey;
        Assert.Throws<ArgumentException>(() => new TrustedAuthorities("local", 2, [key]));
        Assert.Throws<ArgumentException>(() => new TrustedAuthorities("local", 1, [key, key]));
        Assert.Throws<ArgumentException>(() => new TrustedAuthorities("", 1, [key]));
        Assert.Throws<ArgumentException>(() => new TrustedAuthorities("local", 0, [key]));
    }

    public void Dispose()
    {
        _plan.Dispose();
        Array.ForEach(_authorities, authority => authority.Dispose());
    }

    SignedNetworkDocument Sign(NetworkDocument document, params int[] signers) =>
        signers.Aggregate(NetworkAuthority.Unsigned(document), (signed, signer) => signed.AddSignature(_authorities[signer]));

    DocumentVerdict Check(SignedNetworkDocument signed, KnownDocument? known = null, DateTimeOffset? now = null) =>
        _trust.Check(signed.ToBytes(), now ?? Networks.Now, known, out _);
}
