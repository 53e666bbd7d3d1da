using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Roles;

/// <summary>
/// What compute takes for a job: one token, spent once. The nonce's hash goes to a shelf of the job's epoch with the job's id, so a redelivery or a
/// resend of one job pays once, and another job with the same token is refused. Who sent it hears the same in every case.
/// <para>
/// Compute's own dummies carry tokens of the same size and go the same way, and only compute, which opens the job, can tell:
/// authenticator = HKDF-BLAKE2b(job key of the epoch, "funion-own-token-v1" ‖ nonce).
/// </para>
/// </summary>
/// <param name="document">The network.</param>
/// <param name="compute">Compute's keys.</param>
public sealed class JobTokens(NetworkDocument document, NodeKeys compute)
{
    /// <summary>Tokens that were spent, by epoch.</summary>
    public const string Shelf = "tokens-spent";

    /// <summary>Whether a job may be taken, and the gate at which its token is spent; no gate where none is demanded.</summary>
    public bool TryRedeem(AcceptedJob job, out Gate? redemption)
    {
        ArgumentNullException.ThrowIfNull(job);
        redemption = null;
        if (document.Issuer is not { } issuer)
        {
            return true;
        }
        if (!issuer.TryGetKey(job.Epoch, out TokenKey? key) || !Token.TryParse(job.Job.Token.Span, out Token? token))
        {
            return false;
        }
        byte[] challenge = TokenChallenge.ForJob(document.Name, job.Epoch, compute.Id).Digest();
        if (!IsOwn(token, key, challenge, job.Epoch) && token.Verify(key, challenge) != TokenVerdict.Valid)
        {
            return false;
        }
        Span<byte> name = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256("funion-token-spent-v1"u8, token.Nonce, name);
        redemption = new Gate(new StoreKey(Shelf, job.Epoch, Convert.ToHexStringLower(name)), job.Id.AsSpan().ToArray());
        return true;
    }

    /// <summary>A token for a job of compute's own; null for another node's, or an epoch whose keys are not here.</summary>
    public byte[]? TryMakeOwn(NodeId node, long epoch)
    {
        if (node != compute.Id || document.Issuer is not { } issuer || !issuer.TryGetKey(epoch, out TokenKey? key))
        {
            return null;
        }
        byte[] token = new byte[Token.Size], nonce = RandomNumberGenerator.GetBytes(Token.NonceSize);
        Token.InputOf(nonce, TokenChallenge.ForJob(document.Name, epoch, node).Digest(), key.Id).CopyTo(token, 0);
        return TryAuthenticate(nonce, epoch, token.AsSpan(Token.InputSize)) ? token : null;
    }

    bool IsOwn(Token token, TokenKey key, ReadOnlySpan<byte> challenge, long epoch)
    {
        Span<byte> expected = stackalloc byte[TokenKey.ModulusSize];
        bool own = TryAuthenticate(token.Nonce, epoch, expected) && CryptographicOperations.FixedTimeEquals(expected, token.Authenticator)
            && token.ChallengeDigest.SequenceEqual(challenge) && token.KeyId.SequenceEqual(key.Id);
        expected.Clear();
        return own;
    }

    bool TryAuthenticate(ReadOnlySpan<byte> nonce, long epoch, Span<byte> authenticator)
    {
        if (compute.JobKeys.FirstOrDefault(key => key.Epoch == epoch) is not { } jobKey)
        {
            return false;
        }
        HkdfBlake2b.DeriveKey(jobKey.PrivateKey.Span, [], [.. "funion-own-token-v1"u8, .. nonce], authenticator);
        return true;
    }
}
