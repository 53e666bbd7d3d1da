using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>
/// A sender's mailbox: a secret and an id per epoch, derived from one that the gateway never sees, so that it cannot tell that two epochs' mailboxes are
/// one sender's but by the address. For a while after an epoch's turn every poll asks for the old one too, in which replies to
/// packets of that epoch arrive: for how long is public. (To ask for them in turns is to ask for each more rarely than replies come.)
/// </summary>
sealed class ClientMailbox : IDisposable
{
    // Pinned: a collection that moves it would leave a copy behind.
    readonly byte[] _secret = GC.AllocateUninitializedArray<byte>(MailboxRequest.SecretSize, pinned: true);
    readonly SphinxGeometry _geometry;
    readonly int _packets;
    readonly Lock _lock = new();
    readonly Dictionary<long, byte[]> _cursors = [];
    readonly long _first;

    public ClientMailbox(NetworkDocument document, SphinxGeometry geometry, DateTimeOffset now)
    {
        RandomNumberGenerator.Fill(_secret);
        _geometry = geometry;
        _packets = document.Mailbox.PacketsPerPoll;
        _first = document.EpochAt(now);
    }

    public ReadOnlySpan<byte> Secret => _secret;

    public int AnswerSize => _packets * MailboxAnswer.EntrySize(_geometry);

    public RecipientId IdAt(long epoch) => MailboxRequest.MailboxId(SecretAt(epoch), epoch);

    /// <summary>What a poll at a time asks for: the epoch's mailbox, and beside it the last epoch's for a while after the turn.</summary>
    public MailboxRequest[] PollsAt(NetworkDocument document, DateTimeOffset now)
    {
        long epoch = document.EpochAt(now);
        // Nine delays at their longest are rarer than this; what is later still is resent.
        TimeSpan overlap = (document.Rates.MeanDelay * 30) + document.Slack;
        bool overlapping = epoch > _first && now - document.EpochStart(epoch) < overlap;
        lock (_lock)
        {
            return overlapping ? [PollOf(epoch), PollOf(epoch - 1)] : [PollOf(epoch)];
        }
    }

    /// <summary>Remembers that an answer arrived; the next poll says so.</summary>
    public void Acknowledge(long epoch, ReadOnlySpan<byte> answer)
    {
        lock (_lock)
        {
            _cursors[epoch] = MailboxAnswer.Cursor(_geometry, answer);
            _cursors.Remove(epoch - 2);
        }
    }

    MailboxRequest PollOf(long epoch) => new(SecretAt(epoch), epoch, _cursors.GetValueOrDefault(epoch) ?? new byte[_packets * SurbId.Size]);

    byte[] SecretAt(long epoch)
    {
        byte[] secret = new byte[MailboxRequest.SecretSize], info = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(info, epoch);
        HkdfBlake2b.DeriveKey(_secret, "funion-mailbox-secret-v1"u8, info, secret);
        return secret;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);
}
