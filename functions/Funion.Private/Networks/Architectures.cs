using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// Networks that papers on private inference compare themselves on, with random weights from a seed (He initialisation): what they cost does not depend on the weights.
/// <list type="bullet">
/// <item>References: Delphi (Mishra and others, 2020), section 7 and its code; MiniONN (Liu and others, 2017), figure 13.</item>
/// </list>
/// </summary>
public static class Architectures
{
    static readonly TensorShape s_cifar = new(3, 32, 32);

    /// <summary>MiniONN for CIFAR-10: seven convolutions, 173,056 activations.</summary>
    public static FloatNetwork MiniOnn(int seed)
    {
        NetworkPlan plan = new(s_cifar, new Random(seed));
        plan.Convolve(64, 3).Rectify();
        plan.Convolve(64, 3).Rectify().Average(2);
        plan.Convolve(64, 3).Rectify();
        plan.Convolve(64, 3).Rectify().Average(2);
        plan.Convolve(64, 3).Rectify();
        plan.Convolve(64, 1).Rectify();
        plan.Convolve(16, 1).Rectify();
        return plan.Connect(10).ToNetwork();
    }

    /// <summary>ResNet-32 for CIFAR-100: 31 convolutions of 3×3 in three stages, 303,104 activations.</summary>
    /// <param name="seed">Of the weights.</param>
    /// <param name="shortcuts">
    /// Whether blocks have them, with a 1×1 convolution where the shape changes. Without them it is the chain of layers that Delphi's own figures are of.
    /// </param>
    public static FloatNetwork ResNet32(int seed, bool shortcuts = true)
    {
        NetworkPlan plan = new(s_cifar, new Random(seed));
        plan.Convolve(16, 3).Rectify();
        foreach (int channels in (int[])[16, 32, 64])
        {
            for (int block = 0; block < 5; block++)
            {
                int stride = channels > 16 && block == 0 ? 2 : 1, before = plan.Value;
                plan.Convolve(channels, 3, stride).Rectify().Convolve(channels, 3);
                if (shortcuts)
                {
                    plan.AddShortcut(before, stride);
                }
                plan.Rectify();
            }
        }
        return plan.Average(8).Connect(100).ToNetwork();
    }
}
