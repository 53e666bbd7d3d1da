using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// Where decoys end: at the services at which real traffic ends, as often. One inference makes two exchanges with a courier for every box that is
/// uploaded, read and tombstoned, 4 (n_in + n_out) in all, and one with compute.
/// </summary>
public sealed class DecoyDestinations
{
    readonly NodeDescriptor[] _couriers;
    readonly NodeDescriptor[] _computes;
    readonly int _perDispatch;

    /// <summary>Draws over a document's services.</summary>
    public DecoyDestinations(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _couriers = [.. document.Couriers];
        ArgumentOutOfRangeException.ThrowIfZero(_couriers.Length, nameof(document));
        _computes = [.. document.Models.Select(model => document.Node(model.Compute)!)];
        _perDispatch = _computes.Length == 0 ? 0 : 1 + (4 * document.Models.Sum(model => model.InputBoxes + model.OutputBoxes) / _computes.Length);
    }

    /// <summary>The destination of one decoy.</summary>
    public ServiceAddress Draw(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        NodeDescriptor[] nodes = _perDispatch > 0 && random.Below(_perDispatch) == 0 ? _computes : _couriers;
        return new ServiceAddress(nodes[random.Below(nodes.Length)], ServiceNames.Loop);
    }
}
