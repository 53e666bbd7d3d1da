using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Roles;

/// <summary>Tickets over the turn of an epoch.</summary>
public sealed class ReplicaKeyringTests
{
    [Fact]
    public void A_ticket_opens_after_a_turn_and_not_after_its_key_is_wiped()
    {
        NodeId self = new(RandomNumberGenerator.GetBytes(NodeId.Size));
        Dictionary<long, byte[]> secrets = Enumerable.Range(1, 4).ToDictionary(epoch => (long)epoch, _ => RandomNumberGenerator.GetBytes(32));
        ReplicaKeyring Of(params long[] epochs) => new(self, epochs.ToDictionary(epoch => epoch, epoch => new SecretBytes(secrets[epoch])));
        ProxyTicket ticket = new(
            self, new Bytes32(RandomNumberGenerator.GetBytes(32)), 1, 2, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32), 3, true, false,
            new BoxId(RandomNumberGenerator.GetBytes(BoxId.Size)));
        using ReplicaKeyring before = Of(1, 2), turned = Of(1, 2, 3), later = Of(2, 3), gone = Of(3, 4);
        byte[] bytes = before.Seal(ticket);
        Assert.All([before, turned, later], keyring => Assert.Equal(ticket.Hash, keyring.TryOpen(bytes)!.Hash));
        Assert.Null(gone.TryOpen(bytes));
        using ReplicaKeyring stranger = new(
            new NodeId(RandomNumberGenerator.GetBytes(NodeId.Size)), new Dictionary<long, SecretBytes> { [2] = new SecretBytes(secrets[2]) });
        Assert.Null(stranger.TryOpen(bytes));
        bytes[40] ^= 1;
        Assert.Null(before.TryOpen(bytes));
    }
}
