namespace Funion.Cli.Planning;

/// <summary>What a deployment takes: parameters of main.bicep that cost something.</summary>
/// <param name="InstanceGb">Of a function instance: 0.5, 2 or 4.</param>
/// <param name="AlwaysReady">Instances kept for each step of a packet at gateways and mixes.</param>
/// <param name="Gpu">Whether compute has a T4; the price table knows no other.</param>
sealed record IdleSize(double InstanceGb, int AlwaysReady, bool Gpu)
{
    /// <summary>Of compute's container, as inference.bicep has them.</summary>
    public double Cores => Gpu ? 8 : 2;

    public double ContainerGib => Gpu ? 56 : 4;
}
