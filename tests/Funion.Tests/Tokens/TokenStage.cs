using Funion.Network;
using Funion.Tests.Network;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

/// <summary>One network that demands tokens, made once: keys take their time.</summary>
static class TokenStage
{
    static readonly Lazy<LocalNetworkPlan> s_plan = new(() => Networks.Plan(new LocalNetworkOptions { TokensPerEpoch = Count }));

    /// <summary>Of a batch.</summary>
    public const int Count = 4;

    public static LocalNetworkPlan Plan => s_plan.Value;

    public static NetworkDocument Document => Plan.Document;

    public static long Epoch => Document.Epoch;

    public static IssuerKey Key => Plan.Issuer!.Find(Epoch)!;

    public static IssuerKey NextKey => Plan.Issuer!.Find(Epoch + 1)!;

    public static NodeId Compute => Document.Computes[0].Id;

    public static byte[] Challenge => TokenChallenge.ForJob(Document.Name, Epoch, Compute).Digest();

    /// <summary>A token as a client gets it.</summary>
    public static Token Issue(IssuerKey? by = null, byte[]? challenge = null)
    {
        using PendingToken pending = PendingToken.TryCreate((by ?? Key).PublicKey, challenge ?? Challenge)!;
        byte[] response = new byte[PendingToken.ResponseSize];
        Assert.True((by ?? Key).TryRespond(pending.Request, response));
        Assert.True(pending.TryFinish(response, out Token? token));
        return token;
    }
}
